/** Traces over a store by the published method (CPF), for comparison with the engine. */
import type { CpfTrace } from '../../model/cpf-trace.ts';
import { traceByCpf } from '../../trace/cpf-method.ts';
import { readAround, type TraceRequest } from './store.ts';

/** Throws ApiError as `traceStore` does. */
export function traceStoreByCpf(folder: string, request: TraceRequest): CpfTrace {
  const { batches, notes } = readAround(folder, request);
  const result = traceByCpf(batches, request);
  return { ...result, notes: [...result.notes, ...notes] };
}
