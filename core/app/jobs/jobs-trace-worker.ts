/** A thread that traces: tasks by messages, one after the other. The trace that it ran last stays open. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../../model/api-error.ts';
import { openTrace, type OpenTrace } from '../../trace/trace.ts';
import { discoverInStore } from '../trace/discover.ts';
import { exporterHealth } from '../health.ts';
import { loginsNear } from './trace-logins.ts';
import type { FromTraceThread, TraceTask, TraceThreadData } from './trace.ts';
import { reportStore } from '../store-upkeep.ts';
import { traceStoreByCpf } from '../trace/method.ts';
import { readAround, type TraceRequest } from '../trace/store.ts';

const { folder } = workerData as TraceThreadData;
const tell = (message: FromTraceThread): void => parentPort?.postMessage(message);
let opened: OpenTrace | undefined;

function open(request: TraceRequest): OpenTrace {
  let flows = 0;
  const step = (phase: string, share?: number): void =>
    tell({ kind: 'progress', progress: { phase, flows, ...(share === undefined ? {} : { share }) } });
  const { batches, notes } = readAround(folder, request, (read, total) => {
    flows = read;
    step('reading', total === 0 ? undefined : Math.min(1, read / total));
  });
  const trace = openTrace(batches, request, step);
  const result = { ...trace.result, notes: [...trace.result.notes, ...notes] };
  return { result, explain: trace.explain };
}

function answer(asked: TraceTask): unknown {
  switch (asked.task) {
    case 'run':
      opened = open(asked.request);
      return opened.result;
    case 'explain': {
      opened ??= open(asked.request.question);
      const [explanation] = opened.explain(asked.request.upstream);
      if (explanation) return explanation;
      const sentence = 'Nothing of this connection can be compared: it has too few silences.';
      throw new ApiError('no-such-flow', sentence);
    }
    case 'cpf':
      return traceStoreByCpf(folder, asked.request);
    case 'logins':
      return loginsNear(folder, asked.request);
    case 'discover':
      return discoverInStore(folder, asked.request);
    case 'exporters':
      return exporterHealth(folder, asked.request);
    case 'storage':
      return reportStore(folder);
  }
}

parentPort?.on('message', (asked: TraceTask) => {
  try {
    tell({ kind: 'answer', answer: answer(asked) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tell({ kind: 'refused', code: error.code, message: error.message });
  }
});
