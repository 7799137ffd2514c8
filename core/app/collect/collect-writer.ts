/**
 * The writer thread: chunks into the store, on disk within a second of their first datagram.
 *
 * Small chunks are gathered and stored together; a full segment is stored at once. Where the disk refuses, what is
 * gathered is kept and tried again every second; meanwhile the collector counts what it has to leave.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { SavedTemplate } from '../../decode/template-cache.ts';
import { ApiError } from '../../model/api-error.ts';
import type { FlowChunk } from '../../model/chunk.ts';
import { concatChunks } from '../../store/concat-batches.ts';
import type { LiveSession } from '../../store/live-session.ts';
import { Store } from '../../store/store.ts';
import { unpackChunk } from './messages.ts';
import type {
  CollectorToWriter,
  FromWriter,
  ToWriter,
  WriterData,
  WriterStatus,
  WriterToCollector,
} from './threads.ts';
import { stepBack } from '../thread-priority.ts';

/** Less than the second that a kill may cost, by what a commit takes on a slow disk. */
const COMMIT_MS = 700;
/** So many rows are stored at once: at high rates a chunk has them alone, and need not be put together with others. */
const SEGMENT_ROWS = 16_384;
/** Layouts and exporters of one segment have 16-bit codes; only hostile templates come near. */
const MAX_CODES = 60_000;
const MEASURE_MS = 10_000;
/** A day is over once a day; what the days take grows slowly. */
const RETAIN_MS = 3_600_000;
/** An idle collector says that it is alive. */
const ALIVE_MS = 10_000;

stepBack('storing');
const data = workerData as WriterData;
const toHost = (message: FromWriter): void => parentPort?.postMessage(message);
const done = (cost: number): void => data.collector.postMessage({ done: cost } satisfies WriterToCollector);

let store: Store | undefined;
let session: LiveSession | undefined;
let gathered: FlowChunk[] = [];
let gatheredRows = 0;
let gatheredCost = 0;
let gatheredCodes = 0;
/** A segment that the disk refused. */
let refused: { readonly chunk: FlowChunk; readonly cost: number } | undefined;
let rows = 0;
let uncommitted = false;
let account = '{}';
let templates: readonly SavedTemplate[] | undefined;
let committedAt = performance.now();
let problem: string | null = null;
let timer: NodeJS.Timeout | undefined;
let storeBytes = 0;
let measuredAt = Number.NEGATIVE_INFINITY;
let retainedAt = Number.NEGATIVE_INFINITY;

/** Runs what may be refused, and tells the host where it is final. */
function orRefuse(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    store?.close();
    toHost({ kind: 'refused', fault: { code: error.code, message: error.message } });
  }
}

orRefuse(() => {
  store = Store.open(data.folder, { create: true });
  const known = store.exporters().map(({ address, port, observationDomainId }) => ({
    address,
    port,
    observationDomainId,
  }));
  toHost({ kind: 'opened', known, templates: store.templates() });
});

parentPort?.on('message', ({ name }: ToWriter) =>
  orRefuse(() => {
    if (!store) return;
    session = store.beginCollection(name, data.decoder, data.sites);
    const [, previous] = store.collections();
    measure();
    toHost({ kind: 'begun', previous });
    schedule();
  }),
);

data.collector.on('message', (message: CollectorToWriter) => {
  if (message.kind === 'chunk') {
    const chunk = unpackChunk(message.chunk);
    const codes = chunk.batch.layouts.length + chunk.batch.exporters.length;
    if (gatheredCodes + codes > MAX_CODES) attempt(storeGathered);
    gatheredCodes += codes;
    gathered.push(chunk);
    gatheredRows += chunk.batch.count;
    gatheredCost += message.cost;
    if (gatheredRows >= SEGMENT_ROWS || gatheredCost >= 2 * SEGMENT_ROWS) attempt(storeGathered);
    schedule();
  } else if (message.kind === 'account') {
    account = message.status;
    templates = message.templates ?? templates;
    schedule();
  } else if (message.kind === 'flush') {
    attempt(storeGathered);
    schedule();
    toHost({ kind: 'flushed', ask: message.ask });
  } else {
    end();
  }
});

function schedule(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    attempt(commit);
    toHost({ kind: 'stored', ...status() });
    if (problem !== null) schedule();
  }, COMMIT_MS);
}

/** Stores what is gathered as one segment (a part a day). */
function storeGathered(): void {
  if (!session) return;
  if (refused) {
    session.add(refused.chunk);
    noteStored(refused.chunk, refused.cost);
    refused = undefined;
  }
  if (gathered.length === 0) return;
  const chunk = concatChunks(gathered);
  const cost = gatheredCost;
  gathered = [];
  gatheredRows = 0;
  gatheredCost = 0;
  gatheredCodes = 0;
  // Kept until it is stored: the same chunk again is the same segment.
  refused = { chunk, cost };
  session.add(chunk);
  refused = undefined;
  noteStored(chunk, cost);
}

function noteStored(chunk: FlowChunk, cost: number): void {
  rows += chunk.batch.count;
  uncommitted = true;
  done(cost);
}

function commit(): void {
  if (!session) return;
  storeGathered();
  const now = performance.now();
  if (!uncommitted && !templates && now - committedAt < ALIVE_MS) return;
  session.commit(account, templates);
  templates = undefined;
  uncommitted = false;
  committedAt = now;
  session.merge();
  if (now - retainedAt >= RETAIN_MS) {
    retainedAt = now;
    const days = session.retain(data.retention);
    if (days.length > 0) toHost({ kind: 'dropped', days });
  }
  if (now - measuredAt >= MEASURE_MS) measure();
}

/** What the disk refuses is told and tried again. */
function attempt(work: () => void): void {
  try {
    work();
    problem = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem = error.message;
  }
}

function end(): void {
  clearTimeout(timer);
  attempt(() => {
    storeGathered();
    session?.finish(account, templates);
    session = undefined;
    measure();
  });
  session?.[Symbol.dispose]();
  store?.close();
  toHost({ kind: 'ended', ...status() });
}

function status(): WriterStatus {
  return { rows, storeBytes, problem };
}

function measure(): void {
  measuredAt = performance.now();
  storeBytes = readdirSync(data.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) =>
        sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
