/**
 * Which rows are another exporter's observation of a flow that is counted already, found before the question is run.
 *
 * What is found of a window of time holds for the store's whole content, and is kept, two bits a row, for later questions:
 * they take it as it is, where they select flows by nothing that two observations of one flow can differ in. Other
 * questions look again, at those of their rows alone that several exporters saw.
 */
import { DUPLICATE_MARGIN_MS } from '../../query/duplicates.ts';
import { addRowBits } from '../../query/row-bits.ts';
import type { FlowSelection } from '../../model/query.ts';
import { segmentKey } from '../../store/segment-info.ts';
import type { StoredSegment } from '../../store/segment-reader.ts';
import type { StoredExporter } from '../../store/sites.ts';
import { inWindow, isUnbounded, windowsOf, type DuplicateWindow } from './duplicate-windows.ts';
import type { DuplicateJob, NumberedSegment, SegmentDuplicates } from './engine.ts';
import { selectsByFlow } from './filter.ts';
import type { EngineCaller } from './threads.ts';

/** Narrower ones are not halved: what is in them is left as it is. */
const MIN_WINDOW_MS = 1000;
/** Where a question reads so much of a window, all of it is looked at, and what is found kept. */
const BROAD = 0.5;
const MAX_KEPT_BYTES = 32 * 2 ** 20;

/** Rows to leave out (row-bits.ts) by the number of their segment. */
export type DroppedRows = ReadonlyMap<number, Uint8Array>;

export interface DuplicateQuestion {
  readonly question: FlowSelection;
  /** The segments of the question, and all of the store at that moment. */
  readonly queried: readonly StoredSegment[];
  readonly all: readonly StoredSegment[];
  readonly exporters: readonly StoredExporter[];
}

/** What was found of a window in the whole store, by the keys of its segments. */
type Found = ReadonlyMap<string, SegmentDuplicates>;

export class DuplicateBook {
  /** By window; the one that was used longest ago is the first. */
  readonly #found = new Map<string, Found>();
  readonly #finding = new Map<string, Promise<void>>();
  #bytes = 0;
  #sites = '';

  /** Window by window, on all engines. Rejects like `runQuestion`. */
  async dropped(
    engines: readonly EngineCaller[],
    asked: DuplicateQuestion,
    signal: AbortSignal | undefined,
  ): Promise<DroppedRows> {
    this.#forgetOtherSites(asked.exporters);
    const numbers = new Map(asked.queried.map((segment, number) => [segmentKey(segment), number]));
    const windows = windowsOf(asked.all);
    const waiting = windows.filter((window) => asked.queried.some((segment) => inWindow(segment, window)));
    const dropped = new Map<number, Uint8Array>();
    const byFlow = selectsByFlow(asked.question.filter);
    const work = async (engine: EngineCaller): Promise<void> => {
      for (let window = waiting.pop(); window; window = waiting.pop()) {
        signal?.throwIfAborted();
        const whole = byFlow && isUnbounded(window, asked.question);
        const found =
          whole && (this.#found.has(window.key) || isBroad(window, numbers))
            ? await this.#ofStore(engine, window, signal)
            : await this.#ofSelection(engine, window, windows, asked);
        for (const [key, { dropped: bits }] of found) {
          const number = numbers.get(key);
          if (bits && number !== undefined) addTo(dropped, number, bits);
        }
      }
    };
    const done = await Promise.allSettled(engines.map(work));
    for (const result of done) if (result.status === 'rejected') throw result.reason;
    return dropped;
  }

  /** What the whole store holds in the window: known, being looked for by another question, or looked for now. */
  async #ofStore(
    engine: EngineCaller,
    window: DuplicateWindow,
    signal: AbortSignal | undefined,
  ): Promise<Found> {
    const { key } = window;
    for (let finding = this.#finding.get(key); finding; finding = this.#finding.get(key)) {
      await finding;
      signal?.throwIfAborted();
    }
    const known = this.#found.get(key);
    if (known) {
      this.#found.delete(key);
      this.#found.set(key, known);
      return known;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#finding.set(key, promise);
    try {
      const numbered = window.around.map((segment, number) => ({ number, segment }));
      const found = await search(engine, { window, margin: DUPLICATE_MARGIN_MS }, numbered);
      this.#keep(key, found);
      return found;
    } finally {
      this.#finding.delete(key);
      resolve();
    }
  }

  #ofSelection(
    engine: EngineCaller,
    window: DuplicateWindow,
    windows: readonly DuplicateWindow[],
    { question, queried }: DuplicateQuestion,
  ): Promise<Found> {
    const own = new Set(queried);
    const numbered = window.around.flatMap((segment, number): NumberedSegment[] => {
      if (!own.has(segment)) return [];
      const doubled = this.#doubledOf(segment, windows);
      return doubled === 'none' ? [] : [{ number, segment, suspects: doubled }];
    });
    const { filter, from, to } = question;
    return search(engine, { window, margin: DUPLICATE_MARGIN_MS, selection: { filter, from, to } }, numbered);
  }

  /** The rows of a segment that several exporters saw; undefined where that is not known of all of its windows. */
  #doubledOf(segment: StoredSegment, windows: readonly DuplicateWindow[]): Uint8Array | 'none' | undefined {
    const key = segmentKey(segment);
    let doubled: Uint8Array | undefined;
    for (const window of windows) {
      if (!inWindow(segment, window)) continue;
      const found = this.#found.get(window.key);
      if (!found) return undefined;
      const bits = found.get(key)?.doubled;
      if (!bits) continue;
      if (doubled) addRowBits(doubled, bits);
      else doubled = bits.slice();
    }
    return doubled ?? 'none';
  }

  #keep(key: string, found: Found): void {
    this.#found.set(key, found);
    this.#bytes += bytesOf(found);
    for (const [oldest, its] of this.#found) {
      if (this.#bytes <= MAX_KEPT_BYTES) break;
      this.#found.delete(oldest);
      this.#bytes -= bytesOf(its);
    }
  }

  /** Whether private addresses are of one host goes by the sites. */
  #forgetOtherSites(exporters: readonly StoredExporter[]): void {
    const sites = JSON.stringify(exporters.map(({ id, site }) => [id, site]));
    if (sites === this.#sites) return;
    this.#sites = sites;
    this.#found.clear();
    this.#bytes = 0;
  }
}

function addTo<K>(to: Map<K, Uint8Array>, key: K, bits: Uint8Array): void {
  const known = to.get(key);
  if (known) addRowBits(known, bits);
  else to.set(key, bits.slice());
}

function isBroad({ around }: DuplicateWindow, numbers: ReadonlyMap<string, number>): boolean {
  let all = 0;
  let own = 0;
  for (const segment of around) {
    all += segment.rows;
    if (numbers.has(segmentKey(segment))) own += segment.rows;
  }
  return own >= BROAD * all;
}

/** Looks through a window, or where it has too many rows through its halves, with less around them. */
async function search(
  engine: EngineCaller,
  job: DuplicateJob,
  segments: readonly NumberedSegment[],
): Promise<Found> {
  const found = segments.length === 0 ? [] : await engine.call('duplicates', job, segments);
  const { from, to } = job.window;
  if (found) {
    const byNumber = new Map(segments.map(({ number, segment }) => [number, segmentKey(segment)]));
    return new Map(found.map(([number, rows]) => [byNumber.get(number) ?? '', rows]));
  }
  if (to - from <= MIN_WINDOW_MS) return new Map();
  const middle = (from + to) / 2;
  const margin = job.margin / 2;
  const before = await search(engine, { ...job, window: { from, to: middle }, margin }, segments);
  const after = await search(engine, { ...job, window: { from: middle, to }, margin }, segments);
  const dropped = new Map<string, Uint8Array>();
  const doubled = new Map<string, Uint8Array>();
  for (const [key, rows] of [...before, ...after]) {
    if (rows.dropped) addTo(dropped, key, rows.dropped);
    if (rows.doubled) addTo(doubled, key, rows.doubled);
  }
  return new Map(
    Array.from(doubled.keys(), (key) => [key, { dropped: dropped.get(key), doubled: doubled.get(key) }]),
  );
}

function bytesOf(found: Found): number {
  let bytes = 0;
  for (const [key, { dropped, doubled }] of found) {
    bytes += 2 * key.length + (dropped?.byteLength ?? 0) + (doubled?.byteLength ?? 0);
  }
  return bytes;
}
