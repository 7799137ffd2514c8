/** The thread of one trace. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../model/api-error.ts';
import type { FromTraceThread, TraceThreadData } from './jobs-trace.ts';
import { traceStore } from './trace-store.ts';

const { folder, request } = workerData as TraceThreadData;
const tell = (message: FromTraceThread): void => parentPort?.postMessage(message);

try {
  tell({ kind: 'answer', answer: traceStore(folder, request) });
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  tell({ kind: 'refused', code: error.code, message: error.message });
}
