/** What is long about cases, in a thread of its own: exporting one, drawing the report of a trace, checking a bundle. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import type { BundleReport } from '../../model/case.ts';
import type { PaperSize } from '../../model/report.ts';
import type { CaseExport } from './export.ts';

export interface CaseTasks {
  /** `folder` is the store, `path` the bundle, `fileName` what it will be called. */
  readonly export: {
    readonly request: {
      readonly folder: string;
      readonly id: string;
      readonly path: string;
      readonly fileName: string;
    };
    readonly answer: CaseExport;
  };
  /** The report on a kept trace. */
  readonly print: {
    readonly request: {
      readonly folder: string;
      readonly id: string;
      readonly item: number;
      readonly paper: PaperSize;
    };
    readonly answer: Uint8Array;
  };
  readonly verify: {
    readonly request: {
      readonly path: string;
      readonly sha256: string | undefined;
      readonly rerun: boolean;
    };
    readonly answer: BundleReport;
  };
}

export type CaseTask = keyof CaseTasks;
export type CaseOrder = {
  readonly [K in CaseTask]: { readonly task: K } & CaseTasks[K]['request'];
}[CaseTask];

export type FromCaseThread =
  | { readonly kind: 'phase'; readonly phase: string }
  | { readonly kind: 'done'; readonly answer: CaseTasks[CaseTask]['answer'] }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export interface CaseThreadOptions {
  readonly signal: AbortSignal;
  /** Told what is done now, in a few words. */
  readonly onPhase?: (phase: string) => void;
}

/** Throws the ApiErrors of the task, and `usage` where the signal ended it. */
export async function inCaseThread<K extends CaseTask>(
  task: K,
  request: CaseTasks[K]['request'],
  { signal, onPhase }: CaseThreadOptions,
): Promise<CaseTasks[K]['answer']> {
  const worker = new Worker(new URL('./case-worker.ts', import.meta.url), {
    workerData: { task, ...request },
  });
  const stop = (): void => worker.postMessage('stop');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: FromCaseThread) => {
        if (message.kind === 'phase') onPhase?.(message.phase);
        else if (message.kind === 'done') resolve(message.answer);
        else reject(new ApiError(message.code, message.message));
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the thread of a case ended without an answer')));
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
