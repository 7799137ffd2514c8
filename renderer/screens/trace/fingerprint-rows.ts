/** Explained pairs as lines of a drawing: the target first, each further line the login upstream of the one above. */
import type { ExplainedBoundary, ExplainedLogin } from '../../../core/model/trace-explanation.ts';
import type { Explained } from './use-trace.ts';
import { connectionText, keyOf } from './trace-words.ts';

export interface Mark {
  /** Shifted to the target's time, epoch ms. */
  readonly ms: number;
  readonly boundary: ExplainedBoundary;
}

export interface Join {
  readonly from: Mark;
  readonly to: Mark;
}

export interface FingerprintRow {
  readonly key: string;
  readonly label: string;
  readonly tone: 'target' | 'hop' | 'quiet';
  readonly isChosen: boolean;
  readonly login: ExplainedLogin | undefined;
  /** What is added to its times to lay it over the target's, ms. */
  readonly shiftMs: number;
  /** Flat pairs [from, to], shifted. */
  readonly activity: readonly number[];
  readonly lossy: readonly number[];
  /** Boundaries that recur on the line above. */
  readonly joins: readonly Join[];
  /** Compared boundaries without one on the other side: of the line above, and of this one. */
  readonly missing: readonly Mark[];
  readonly unmatched: readonly Mark[];
  readonly lagMs: number;
  /** Why there is nothing to draw. */
  readonly problem: string | undefined;
}

const shifted = (times: readonly number[], by: number): number[] => times.map((time) => time + by);

export function fingerprintRows(
  explained: readonly Explained[],
  isPath: boolean,
  chosen: string | undefined,
): FingerprintRow[] {
  const rows: FingerprintRow[] = [];
  let shift = 0;
  for (const { name, explanation, error } of explained) {
    if (!explanation) {
      if (error) rows.push(emptyRow(connectionText(name), error.message));
      continue;
    }
    const { upstream, downstream, lagMs } = explanation;
    if (rows.length === 0) {
      rows.push({
        ...emptyRow(connectionText(downstream.principal), undefined),
        tone: 'target',
        login: downstream,
        activity: downstream.activity,
        lossy: downstream.lossyWindows,
      });
    }
    const above = shift;
    shift -= lagMs;
    const marks = (list: readonly ExplainedBoundary[], by: number) =>
      list.map((boundary): Mark => ({ ms: boundary.timeMs + by, boundary }));
    const theirs = marks(downstream.boundaries, above);
    const ours = marks(upstream.boundaries, shift);
    rows.push({
      key: keyOf(upstream.principal),
      label: connectionText(upstream.principal),
      tone: isPath ? 'hop' : 'quiet',
      isChosen: upstream.views.some((view) => keyOf(view) === chosen),
      login: upstream,
      shiftMs: shift,
      activity: shifted(upstream.activity, shift),
      lossy: shifted(upstream.lossyWindows, shift),
      joins: theirs.flatMap((from) => {
        const to = from.boundary.matchedWith === null ? undefined : ours[from.boundary.matchedWith];
        return to ? [{ from, to }] : [];
      }),
      missing: theirs.filter(({ boundary }) => boundary.compared && boundary.matchedWith === null),
      unmatched: ours.filter(({ boundary }) => boundary.compared && boundary.matchedWith === null),
      lagMs,
      problem: undefined,
    });
  }
  return rows;
}

const emptyRow = (label: string, problem: string | undefined): FingerprintRow => ({
  key: label,
  label,
  tone: 'quiet',
  isChosen: false,
  login: undefined,
  shiftMs: 0,
  activity: [],
  lossy: [],
  joins: [],
  missing: [],
  unmatched: [],
  lagMs: 0,
  problem,
});

/** From the first to the last activity of all lines. */
export function extentOf(rows: readonly FingerprintRow[]): readonly [number, number] | undefined {
  const first = rows.flatMap(({ activity }) => activity[0] ?? []);
  const last = rows.flatMap(({ activity }) => activity.at(-1) ?? []);
  if (first.length === 0) return undefined;
  const [from, to] = [Math.min(...first), Math.max(...last)];
  return [from, Math.max(from + 1, to)];
}
