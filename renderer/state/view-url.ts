/** The view as an address: what a colleague needs to see the same. */
import type { Measure } from '../../core/model/query.ts';
import { epochMs, formatTime, parseTime } from '../../core/model/time.ts';

/** Half-open, epoch ms. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface View {
  readonly screen: string;
  /** In the filter language; empty: every flow. */
  readonly filter: string;
  /** What every panel follows; null: all that is stored. */
  readonly range: TimeRange | null;
  /** What the timeline shows; null: the range with its surroundings, or all that is stored. */
  readonly window: TimeRange | null;
  readonly measure: Measure;
  readonly split: string;
  /** The flow whose details are open, by its row id. */
  readonly flow: string | null;
  /** What a screen keeps in the address beside the common state. */
  readonly extra: Readonly<Record<string, string>>;
}

const firstView: View = {
  screen: 'sources',
  filter: '',
  range: null,
  window: null,
  measure: 'flows',
  split: 'proto',
  flow: null,
  extra: {},
};

const measures: readonly Measure[] = ['flows', 'packets', 'bytes'];
const extraPrefix = 'x-';

/** The query part of the address, without `?`. Ranges read `ISO..ISO`. */
export function writeView(view: View): string {
  const query = new URLSearchParams({ screen: view.screen });
  if (view.filter !== '') query.set('filter', view.filter);
  if (view.range) query.set('range', writeRange(view.range));
  if (view.window) query.set('window', writeRange(view.window));
  if (view.measure !== firstView.measure) query.set('by', view.measure);
  if (view.split !== firstView.split) query.set('split', view.split);
  if (view.flow !== null) query.set('flow', view.flow);
  for (const [name, value] of Object.entries(view.extra)) query.set(extraPrefix + name, value);
  return query.toString();
}

/** Reads an address. What it does not say, or says wrongly, is as in the first view. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const extra: Record<string, string> = {};
  for (const [name, value] of query)
    if (name.startsWith(extraPrefix)) extra[name.slice(extraPrefix.length)] = value;
  return {
    screen: query.get('screen') ?? firstView.screen,
    filter: query.get('filter') ?? '',
    range: readRange(query.get('range')),
    window: readRange(query.get('window')),
    measure: measures.find((measure) => measure === query.get('by')) ?? firstView.measure,
    split: query.get('split') ?? firstView.split,
    flow: query.get('flow'),
    extra,
  };
}

const writeRange = ({ from, to }: TimeRange): string =>
  `${formatTime(epochMs(from))}..${formatTime(epochMs(to))}`;

function readRange(text: string | null): TimeRange | null {
  const [from, to] = (text ?? '').split('..').map(parseTime);
  return from !== undefined && to !== undefined && from < to ? { from, to } : null;
}
