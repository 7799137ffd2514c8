/** The collector thread: sockets, decoding, accounts. It never waits for a disk. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { KeptIssue } from '../../collect/collect-status.ts';
import { formatListenAddress } from '../../collect/listen-address.ts';
import { Pump } from '../../collect/pump.ts';
import { Receiver } from '../../collect/receiver.ts';
import { listenStream } from '../../collect/stream-listener.ts';
import { listenUdp, type Listener } from '../../collect/udp-listener.ts';
import { ApiError } from '../../model/api-error.ts';
import type { FlowChunk } from '../../model/chunk.ts';
import { packChunk, transferables } from './messages.ts';
import type {
  CollectorData,
  CollectorToWriter,
  FromCollector,
  ToCollector,
  WriterToCollector,
} from './threads.ts';
import { loadElements } from '../resources.ts';

/** Decoded records that may wait for the store, some 150 bytes each; beyond, datagrams wait as they came. */
const MAX_UNSTORED = 250_000;
const BACKLOG_FOLDER = 'backlog';
const STATUS_MS = 1000;
/** So many templates are kept with every status; more (a forged flood) only now and then. */
const FEW_TEMPLATES = 1024;
const MANY_TEMPLATES_MS = 30_000;
/** Issues that the store keeps with the account, and the bytes of each. */
const STORED_ISSUES = 16;
const STORED_OCTETS = 2048;

const data = workerData as CollectorData;
let watched = false;
let unstored = 0;

const toHost = (message: FromCollector): void => parentPort?.postMessage(message);
const toWriter = (message: CollectorToWriter, transfer: readonly ArrayBuffer[] = []): void =>
  data.writer.postMessage(message, [...transfer]);

const receiver = new Receiver({
  elements: loadElements(),
  allow: data.allow,
  known: data.known,
  templates: data.templates,
  onChunk,
});
const pump = new Pump(receiver);
const listeners: Listener[] = [];
let savedRevision = receiver.templateRevision;
let savedTemplatesAt = Number.NEGATIVE_INFINITY;

function onChunk(chunk: FlowChunk): void {
  const packed = packChunk(chunk);
  // Copied to the screens first: to the writer the columns move.
  if (watched) toHost({ kind: 'chunk', chunk: packed });
  const cost = chunk.batch.count + chunk.batch.datagrams.length + chunk.options.length + chunk.issues.length;
  unstored += cost;
  toWriter({ kind: 'chunk', chunk: packed, cost }, transferables(packed));
  receiver.blocked = unstored > MAX_UNSTORED;
}

data.writer.on('message', ({ done }: WriterToCollector) => {
  unstored -= done;
  receiver.blocked = unstored > MAX_UNSTORED;
  if (!receiver.blocked) pump.wake();
});

function tellStatus(last: boolean): void {
  const status = receiver.status(
    listeners.map((listener) => listener.status()),
    pump.status(),
  );
  toHost({ kind: 'status', status, problem: pump.problem });
  const account = JSON.stringify({
    ...status,
    latestIssues: receiver.keptIssues().slice(-STORED_ISSUES).map(storedIssue),
  });
  const revision = receiver.templateRevision;
  if (revision !== savedRevision) {
    const templates = receiver.exportTemplates();
    const now = performance.now();
    if (last || templates.length <= FEW_TEMPLATES || now - savedTemplatesAt >= MANY_TEMPLATES_MS) {
      savedRevision = revision;
      savedTemplatesAt = now;
      toWriter({ kind: 'account', status: account, templates });
      return;
    }
  }
  toWriter({ kind: 'account', status: account });
}

function storedIssue(issue: KeptIssue): Record<string, unknown> {
  return { ...issue, octets: Buffer.from(issue.octets.subarray(0, STORED_OCTETS)).toString('hex') };
}

async function start(): Promise<void> {
  try {
    for (const address of data.listen) {
      listeners.push(
        address.scheme === 'udp'
          ? await listenUdp(address, pump)
          : await listenStream(address, receiver, data.tls),
      );
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toHost({ kind: 'refused', fault: { code: error.code, message: error.message } });
    return;
  }
  toHost({
    kind: 'listening',
    urls: listeners.map(({ address }) => formatListenAddress(address)),
    warnings: listeners.flatMap(({ warnings }) => warnings),
    reloadedTemplates: receiver.reloadedTemplates,
  });
  const timer = setInterval(() => tellStatus(false), STATUS_MS);
  parentPort?.on('message', (message: ToCollector) => {
    if (message.kind === 'begin') void begin();
    else if (message.kind === 'watch') watched = receiver.prompt = message.on;
    else if (message.kind === 'issues') toHost({ kind: 'issues', issues: receiver.keptIssues() });
    else if (message.kind === 'flush') {
      receiver.flush();
      toWriter(message);
    } else void stop(timer);
  });
}

/** The store is ours: what its last collector left unread comes first, and what memory has no room for goes there. */
async function begin(): Promise<void> {
  toHost({ kind: 'begun', datagrams: await pump.useFolder(join(data.folder, BACKLOG_FOLDER)) });
}

/** Takes what has arrived, hands it on, and ends. */
async function stop(timer: NodeJS.Timeout): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close()));
  await pump.drain();
  clearInterval(timer);
  receiver.finish();
  tellStatus(true);
  toWriter({ kind: 'end' });
}

await start();
