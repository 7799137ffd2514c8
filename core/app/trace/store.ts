/** Traces over a store: gathers the flows around the time in question and hands them to the engine. */
import { durationMs, formatTime, type DurationMs } from '../../model/time.ts';
import { Store } from '../../store/store.ts';
import type { Question } from '../../model/trace-question.ts';
import type { TraceResult } from '../../model/trace-result.ts';
import type { SitedBatch } from '../../model/flow-batch.ts';
import { traceBack, type Explain } from '../../trace/trace.ts';
import { recordColumns, recordElements } from '../../trace/records.ts';
import { ApiError } from '../../model/api-error.ts';

export interface TraceRequest extends Question {
  /** How far around `at` flows are read. Logins older than that are seen in part. */
  readonly within: DurationMs;
  /** What to explain, term by term: every hop of the path, or one connection. Nothing where it is absent. */
  readonly explain?: Explain;
}

/** Half a day: longer than nearly every login. */
export const DEFAULT_WITHIN = durationMs(12 * 3600_000);

/**
 * Answers a question from the store in `folder`. Throws ApiError: `no-store`, `outside-archive`, `no-such-flow`,
 * `ambiguous-address`, `unknown-site`. Damaged and unfinished parts of the store are told in the notes.
 */
export function traceStore(folder: string, request: TraceRequest): TraceResult {
  const { batches, notes } = readAround(folder, request);
  const result = traceBack(batches, request, request.explain);
  return { ...result, notes: [...result.notes, ...notes] };
}

/** Told how many flows were read of how many there may be. */
type ReadListener = (flows: number, of: number) => void;

/** The flows around the time in question, and in sentences what of them is damaged or not there yet. */
export function readAround(
  folder: string,
  request: TraceRequest,
  onRead: ReadListener = () => undefined,
): { readonly batches: SitedBatch[]; readonly notes: readonly string[] } {
  using store = Store.open(folder, { create: false });
  const range = store.timeRange();
  if (!range) throw new ApiError('outside-archive', `The store ${folder} holds no flows; import some first.`);
  if (request.at < range.start || request.at > range.end) {
    throw new ApiError(
      'outside-archive',
      `${formatTime(request.at)} lies outside the store, whose flows run from ${formatTime(range.start)} to ${formatTime(range.end)}.`,
    );
  }
  const damages: string[] = [];
  const bounds = { from: request.at - request.within, to: request.at + request.within };
  const total = store.segments(bounds, () => undefined).reduce((sum, { rows }) => sum + rows, 0);
  const batches: SitedBatch[] = [];
  let flows = 0;
  onRead(0, total);
  const read = { ...bounds, columns: recordColumns, elements: recordElements };
  for (const batch of store.scan({ ...read, onDamage: (damage) => damages.push(damage.message) })) {
    batches.push(batch);
    onRead((flows += batch.count), total);
  }
  const unfinished = store.sources().filter((source) => source.state === 'importing');
  return {
    batches,
    notes: [
      ...damages,
      ...unfinished.map((source) => `${source.name} was imported in part only: import it again to finish.`),
    ],
  };
}
