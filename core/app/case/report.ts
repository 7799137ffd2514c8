/** The report on a kept trace, as it goes into the bundle. */
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

/** With the terms of its evidence, where they were not kept and the store still gives the same paths. */
function explainedAgain(folder: string, { question, result }: KeptTrace): TraceResult {
  if (result.explanations) return result;
  try {
    const again = traceStore(folder, { ...question, explain: 'path' });
    return JSON.stringify(again.paths) === JSON.stringify(result.paths) ? again : result;
  } catch (error) {
    if (error instanceof ApiError) return result;
    throw error;
  }
}
