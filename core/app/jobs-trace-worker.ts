/** The thread of one trace. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../model/api-error.ts';
import { loginsNear } from './jobs-trace-logins.ts';
import type { FromTraceThread, TraceThreadData } from './jobs-trace.ts';
import { traceStore } from './trace-store.ts';

const tell = (message: FromTraceThread): void => parentPort?.postMessage(message);

function answer(data: TraceThreadData): unknown {
  switch (data.task) {
    case 'run':
      return traceStore(data.folder, data.request);
    case 'explain': {
      const [explanation] = traceStore(data.folder, data.request).explanations ?? [];
      if (explanation) return explanation;
      const sentence = 'Nothing of this connection can be compared: it has too few silences.';
      throw new ApiError('no-such-flow', sentence);
    }
    case 'logins':
      return loginsNear(data.folder, data.request);
  }
}

try {
  tell({ kind: 'answer', answer: answer(workerData as TraceThreadData) });
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  tell({ kind: 'refused', code: error.code, message: error.message });
}
