/** Exports for a browser: a link for one download, whose bytes a thread makes as fast as they are taken. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import type { ExportQuestion, ExportSummary } from '../export/flows.ts';

/** Where the links begin. */
const DOWNLOAD_PATH = '/download/';
const OFFER_MS = 60_000;
const MAX_OFFERS = 100;

const types: Readonly<Record<ExportQuestion['format'], string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  nfcapd: 'application/octet-stream',
};

/** A file that is made while it is taken. */
export interface Download {
  readonly fileName: string;
  readonly type: string;
  /** Leaving the loop ends the thread. Throws ApiError where the store cannot be read. */
  bytes(): AsyncIterable<Uint8Array>;
}

interface Offer {
  readonly download: Download;
  readonly until: number;
  /** Called where nobody came for it. */
  readonly forget: () => void;
}

export class Downloads {
  readonly #offers = new Map<string, Offer>();
  /** What came of the last downloads of flows, by their ids. */
  readonly #results = new Map<string, Promise<ExportSummary | null>>();

  /** The link's path, which holds for a minute and for one download, and an id to ask by what came of it. */
  offer(folder: string, question: ExportQuestion): { path: string; fileName: string; export: string } {
    const { promise, resolve } = Promise.withResolvers<ExportSummary | null>();
    const id = randomBytes(12).toString('base64url');
    this.#results.set(id, promise);
    for (const old of [...this.#results.keys()].slice(0, -MAX_OFFERS)) this.#results.delete(old);
    const fileName = `flows-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}.${question.format}`;
    const download = {
      fileName,
      type: types[question.format],
      bytes: () => exportInThread({ folder, question }, resolve),
    };
    return { ...this.#put(download, () => resolve(null)), export: id };
  }

  /** Resolves when the download has ended; with null where not all of it was taken. Throws ApiError `usage`. */
  async result(id: string): Promise<ExportSummary | null> {
    const result = this.#results.get(id);
    if (!result) throw new ApiError('usage', 'This export is not known any more: export again.');
    return result;
  }

  /** A link to a file that is there. `remove` is called when it was taken, or when nobody came for it. */
  offerFile(
    path: string,
    fileName: string,
    type: string,
    remove: () => void,
  ): { path: string; fileName: string } {
    const download = { fileName, type, bytes: () => createReadStream(path).on('close', remove) };
    return this.#put(download, remove);
  }

  #put(download: Download, forget: () => void): { path: string; fileName: string } {
    const now = Date.now();
    for (const [id, { until, forget: forgetOld }] of this.#offers) {
      if (until >= now) continue;
      this.#offers.delete(id);
      forgetOld();
    }
    if (this.#offers.size >= MAX_OFFERS) {
      throw new ApiError('usage', `${MAX_OFFERS} downloads wait to be fetched: fetch them first.`);
    }
    const id = randomBytes(24).toString('base64url');
    this.#offers.set(id, { download, until: now + OFFER_MS, forget });
    return { path: `${DOWNLOAD_PATH}${id}`, fileName: download.fileName };
  }

  /** The file of a link, once. */
  take(path: string): Download | undefined {
    const id = path.slice(DOWNLOAD_PATH.length);
    const offer = this.#offers.get(id);
    this.#offers.delete(id);
    return offer && offer.until >= Date.now() ? offer.download : undefined;
  }
}

export interface ExportThreadData {
  readonly folder: string;
  readonly question: ExportQuestion;
}

export type FromExportThread =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'ended'; readonly summary: ExportSummary }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export type StartExportThread = (workerData: ExportThreadData) => Worker;

/** Starts a thread from this folder's source, as plain Node does. */
const startExportThread: StartExportThread = (workerData) =>
  new Worker(new URL('./jobs-export-worker.ts', import.meta.url), { workerData });

/** The thread waits for each piece to be asked for: what is not taken is not made. */
async function* exportInThread(
  data: ExportThreadData,
  onEnded: (summary: ExportSummary | null) => void,
  start: StartExportThread = startExportThread,
): AsyncGenerator<Uint8Array> {
  const worker = start(data);
  let take: (message: FromExportThread) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  let broken: Error | undefined;
  worker.on('message', (message: FromExportThread) => take(message));
  worker.on('error', (error) => {
    broken = error instanceof Error ? error : new Error(String(error));
    fail(broken);
  });
  try {
    for (;;) {
      const message = await new Promise<FromExportThread>((resolve, reject) => {
        take = resolve;
        fail = reject;
        if (broken) reject(broken);
        worker.postMessage('more');
      });
      if (message.kind === 'ended') {
        onEnded(message.summary);
        return;
      }
      if (message.kind === 'refused') throw new ApiError(message.code, message.message);
      yield message.bytes;
    }
  } finally {
    // Where it did not end by itself.
    onEnded(null);
    await worker.terminate();
  }
}
