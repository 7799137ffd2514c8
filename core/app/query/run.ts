/** One question over engines: segments handed out, partial results brought together, passes repeated. */
import type { AnswerNotes, FlowSelection } from '../../model/query.ts';
import type { KernelName } from '../../query/kernels.ts';
import { UNDATED } from '../../store/flow-time.ts';
import type { StoredSegment } from '../../store/segment-reader.ts';
import type { ReadDatabases } from '../geo/files.ts';
import type { Running } from './queries.ts';
import type { DroppedRows } from './duplicates.ts';
import type { NumberedSegment, QueryJob, ShareNotes } from './engine.ts';
import { addKinds, noKinds } from './rows.ts';
import type { EngineCaller } from './threads.ts';

/** What a thread is given at a time: so long can a cancelled question still keep it. */
const ROWS_AT_A_TIME = 160_000;
const PARTIAL_MS = 500;
const DAY_MS = 86_400_000;

export interface Asked {
  readonly kernel: KernelName;
  readonly question: FlowSelection;
  readonly severalSites: boolean;
  readonly places: ReadDatabases | undefined;
  readonly range: QueryJob['range'];
  /** Rows that are not counted, by the number of their segment. */
  readonly dropped: DroppedRows | undefined;
}

/** Rejects with the signal's reason, with what an engine refuses, SegmentsMoved or ThreadLost. */
export async function runQuestion(
  engines: readonly EngineCaller[],
  asked: Asked,
  segments: readonly StoredSegment[],
  running: Running<unknown>,
): Promise<{ readonly answer: unknown; readonly notes: AnswerNotes }> {
  const { dropped, ...named } = asked;
  let carry: unknown;
  for (;;) {
    const job: QueryJob = { ...named, carry };
    const queues = queuesOf(engines.length, asked, segments, dropped);
    const { partials, notes } = await runPass(engines, job, queues, running);
    const [first] = engines;
    if (!first) throw new Error('no engine');
    const concluded = await first.call('conclude', job, partials);
    running.signal?.throwIfAborted();
    if ('carry' in concluded) {
      ({ carry } = concluded);
      continue;
    }
    return { answer: concluded.answer, notes: answerNotes(notes, concluded.notes ?? [], asked.question) };
  }
}

let jobs = 0;

async function runPass(
  engines: readonly EngineCaller[],
  job: QueryJob,
  queues: readonly NumberedSegment[][][],
  running: Running<unknown>,
): Promise<{ readonly partials: readonly unknown[]; readonly notes: readonly ShareNotes[] }> {
  const id = ++jobs;
  const segments = queues.flat(2).length;
  let segmentsDone = 0;
  let rowsScanned = 0;
  const ended = new AbortController();
  const show = partialTeller(engines, id, job, running);
  const work = async (
    engine: EngineCaller,
    place: number,
  ): Promise<{ partial: unknown; notes: ShareNotes }> => {
    // Its own first, then what others have not come to.
    const order = [...queues.slice(place), ...queues.slice(0, place)];
    const next = (): NumberedSegment[] | undefined => order.find((queue) => queue.length > 0)?.shift();
    try {
      await engine.call('begin', id, job);
      for (let share = next(); share; share = next()) {
        running.signal?.throwIfAborted();
        ended.signal.throwIfAborted();
        rowsScanned += await engine.call('add', id, share);
        segmentsDone += share.length;
        running.onProgress?.({ segmentsDone, segments, rowsScanned });
        if (queues.some((queue) => queue.length > 0)) await show();
      }
      running.signal?.throwIfAborted();
      return await engine.call('finish', id);
    } catch (error) {
      ended.abort(error);
      await engine.call('drop', id).catch(() => undefined);
      throw error;
    }
  };
  // All come to their end before one's error is told: no job is left behind in a thread.
  const done = await Promise.allSettled(engines.map(work));
  if (ended.signal.aborted) throw ended.signal.reason;
  const results = done.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return { partials: results.map(({ partial }) => partial), notes: results.map(({ notes }) => notes) };
}

/** Tells what is known so far, not more often than every PARTIAL_MS; nothing in further passes. */
function partialTeller(
  engines: readonly EngineCaller[],
  id: number,
  job: QueryJob,
  running: Running<unknown>,
): () => Promise<void> {
  const { onPartial } = running;
  if (!onPartial || job.carry !== undefined) return () => Promise.resolve();
  let toldAt = performance.now();
  return async () => {
    const now = performance.now();
    if (now - toldAt < PARTIAL_MS) return;
    toldAt = now;
    const peeked = await Promise.all(engines.map((engine) => engine.call('peek', id)));
    const partials = peeked.filter((partial) => partial !== undefined);
    const concluded = partials.length > 0 ? await engines[0]?.call('conclude', job, partials) : undefined;
    if (!concluded || 'carry' in concluded || running.signal?.aborted === true) return;
    onPartial({ ...(concluded.answer as object), damages: [], notes: [], sampled: false, duplicates: 0 });
  };
}

/**
 * What each engine does first. A segment goes to the same engine in every question, which may have kept it; but a list
 * wants every engine to see its segments in their order, and has one queue.
 */
function queuesOf(
  engines: number,
  { kernel }: Asked,
  segments: readonly StoredSegment[],
  dropped: DroppedRows | undefined,
): NumberedSegment[][][] {
  const numbered = segments.map((segment, number) => ({ number, segment, dropped: dropped?.get(number) }));
  if (kernel === 'list') return [sharesOf(numbered)];
  return Array.from({ length: engines }, (_, place) =>
    sharesOf(numbered.filter(({ segment }) => segment.id % engines === place)),
  );
}

/** Segments of one day that follow one another, in shares of some ROWS_AT_A_TIME. */
function sharesOf(segments: readonly NumberedSegment[]): NumberedSegment[][] {
  const shares: NumberedSegment[][] = [];
  let share: NumberedSegment[] = [];
  let rows = 0;
  for (const numbered of segments) {
    const { segment } = numbered;
    const [first] = share;
    if (first && (rows + segment.rows > ROWS_AT_A_TIME || first.segment.day !== segment.day)) {
      shares.push(share);
      share = [];
      rows = 0;
    }
    share.push(numbered);
    rows += segment.rows;
  }
  if (share.length > 0) shares.push(share);
  return shares;
}

/** From the first start to the last end of the segments, within the question's bounds. */
export function rangeOf(segments: readonly StoredSegment[], { from, to }: FlowSelection): QueryJob['range'] {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { day, minStart, maxEnd } of segments) {
    if (day === UNDATED || minStart === null || maxEnd === null) continue;
    start = Math.min(start, minStart);
    // One end that cannot be true must not stretch the range by centuries.
    const dayEnd = Date.parse(day) + DAY_MS;
    end = Math.max(end, maxEnd < dayEnd + DAY_MS ? maxEnd : dayEnd);
  }
  start = Math.max(start, from ?? start);
  end = Math.min(end, to ?? end);
  return start <= end ? { start, end } : null;
}

function answerNotes(
  shares: readonly ShareNotes[],
  notes: readonly string[],
  question: FlowSelection,
): AnswerNotes {
  const sum = (of: (share: ShareNotes) => number): number =>
    shares.reduce((total, share) => total + of(share), 0);
  const leftOut = noKinds();
  for (const share of shares) addKinds(leftOut, share.leftOut);
  const sentences = [...notes];
  const { aggregate, event, sample } = leftOut;
  if (aggregate > 0) {
    const which = aggregate === 1 ? '1 aggregate' : `${aggregate} aggregates`;
    sentences.push(`${which} of NetFlow v8 in the range are sums over flows, and not listed.`);
  }
  if (event > 0) sentences.push(`${event} events are moments in a flow's life, and not counted as flows.`);
  if (sample > 0) sentences.push(`${sample} packet samples are no flows, and not counted as such.`);
  const sampled = sum((share) => share.sampled);
  const unknown = sum((share) => share.unknownSampling);
  if (question.scaled === true && unknown > 0) {
    sentences.push(`${unknown} sampled records do not say how they were sampled, and count as they are.`);
  }
  return {
    damages: shares.flatMap(({ damages }) => damages),
    notes: sentences,
    sampled: sampled > 0,
    duplicates: sum((share) => share.duplicates),
  };
}
