/** The thread of one export of a case: scanning, packing and the reports are no work for a host. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../model/api-error.ts';
import { exportCase } from './case-export.ts';
import type { CaseThreadData, FromCaseThread } from './case-thread.ts';

const { folder, id, path } = workerData as CaseThreadData;
const tell = (message: FromCaseThread): void => parentPort?.postMessage(message);
const ending = new AbortController();
parentPort?.on('message', () => ending.abort(new Error('the export was given up')));

try {
  const done = await exportCase(folder, id, path, {
    force: false,
    signal: ending.signal,
    onPhase: (phase) => tell({ kind: 'phase', phase }),
  });
  tell({ kind: 'done', done });
} catch (error) {
  if (!(error instanceof ApiError) && !ending.signal.aborted) throw error;
  const { code, message } =
    error instanceof ApiError ? error : new ApiError('usage', 'The export was given up.');
  tell({ kind: 'refused', code, message });
}
parentPort?.close();
