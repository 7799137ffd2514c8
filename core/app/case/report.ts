/** The reports on a case and on its kept traces, as they go into the bundle. */
import { ApiError } from '../../model/api-error.ts';
import type { CaseItem } from '../../model/case.ts';
import type { PaperSize } from '../../model/report.ts';
import type { TraceResult } from '../../model/trace-result.ts';
import type { KeptTrace } from './desk.ts';
import { traceStore } from '../trace/store.ts';

/** A PDF of the trace as it was kept. */
export async function renderKeptTrace(folder: string, item: CaseItem, paper: PaperSize): Promise<Uint8Array> {
  // Read when it is needed: every command would wait for it otherwise.
  const { renderReport } = await import('../../report/render-report.ts');
  const { traceReport } = await import('../report/trace.ts');
  const { question, result } = item.content as KeptTrace;
  const asked = { ...question, nowMs: item.addedMs, storeArgument: 'STORE' };
  return renderReport(await traceReport(folder, asked, explainedAgain(folder, { question, result })), paper);
}

/** A PDF of the case as it is now. */
export async function renderCase(folder: string, id: string, paper: PaperSize): Promise<Uint8Array> {
  const { renderReport } = await import('../../report/render-report.ts');
  const { reportCase } = await import('../report/case.ts');
  return renderReport(await reportCase(folder, { case: id, nowMs: Date.now() }), paper);
}

/** With the terms of its evidence, where they were not kept and the store still gives the same paths. */
export function explainedAgain(folder: string, { question, result }: KeptTrace): TraceResult {
  if (result.explanations) return result;
  try {
    const again = traceStore(folder, { ...question, explain: 'path' });
    return JSON.stringify(again.paths) === JSON.stringify(result.paths) ? again : result;
  } catch (error) {
    if (error instanceof ApiError) return result;
    throw error;
  }
}
