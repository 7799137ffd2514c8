/** The thread of one piece of work on a case: scanning, packing, hashing and drawing are no work for a host. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../../model/api-error.ts';
import { findItem } from './desk.ts';
import { exportCase } from './export.ts';
import { renderKeptTrace } from './report.ts';
import type { CaseOrder, CaseTask, CaseTasks, FromCaseThread } from './thread.ts';
import { verifyBundle } from './verify.ts';

const order = workerData as CaseOrder;
const tell = (message: FromCaseThread): void => parentPort?.postMessage(message);
const ending = new AbortController();
parentPort?.on('message', () => ending.abort(new Error('the work was given up')));

async function work(): Promise<CaseTasks[CaseTask]['answer']> {
  const { signal } = ending;
  const onPhase = (phase: string): void => tell({ kind: 'phase', phase });
  switch (order.task) {
    case 'export':
      return exportCase(order.folder, order.id, order.path, {
        force: false,
        fileName: order.fileName,
        signal,
        onPhase,
      });
    case 'print':
      return renderKeptTrace(
        order.folder,
        findItem(order.folder, order.id, order.item, 'trace'),
        order.paper,
      );
    case 'verify':
      return verifyBundle(order.path, { sha256: order.sha256, rerun: order.rerun, signal, onPhase });
  }
}

try {
  tell({ kind: 'done', answer: await work() });
} catch (error) {
  if (!(error instanceof ApiError) && !ending.signal.aborted) throw error;
  const { code, message } = error instanceof ApiError ? error : new ApiError('usage', 'It was given up.');
  tell({ kind: 'refused', code, message });
}
parentPort?.close();
