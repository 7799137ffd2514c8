/** The thread of one report. */
import { strToU8, zipSync } from 'fflate';
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../../model/api-error.ts';
import type { Report } from '../../model/report.ts';
import { tableFiles } from '../../report/table-files.ts';
import { reportCase } from './case.ts';
import { readDrawing, writeReport } from './files.ts';
import { reportMonth } from './month.ts';
import type { FromReportThread, MadeReport, ReportThreadData } from './thread.ts';
import { reportTrace } from './trace.ts';

const { folder, order, paper, out, tables } = workerData as ReportThreadData;

const tell = (message: FromReportThread): void => parentPort?.postMessage(message);

function report(): Promise<Report> {
  if (order.what === 'trace') return reportTrace(folder, order.request);
  if (order.what === 'case') return reportCase(folder, order.request);
  const onProgress = (done: number, of: number): void =>
    tell({ kind: 'progress', phase: 'asking', done, of });
  return reportMonth(folder, order.request, { onProgress });
}

async function draw(made: Report): Promise<MadeReport> {
  const { countPages, renderReport } = await readDrawing();
  const pdf = await renderReport(made, paper);
  const files = tableFiles(made).map(({ name, text }) => [name, strToU8(text)] as const);
  const { title, answer } = made;
  return { title, answer, pdf, tables: zipSync(Object.fromEntries(files)), pages: countPages(pdf) };
}

try {
  // Meanwhile files are read, and threads start.
  const [made] = await Promise.all([report(), readDrawing()]);
  tell({ kind: 'progress', phase: 'drawing', done: 0, of: 0 });
  if (out === undefined) tell({ kind: 'made', made: await draw(made) });
  else {
    await writeReport(made, { out, paper, tables });
    tell({ kind: 'made', made: null });
  }
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  tell({ kind: 'refused', code: error.code, message: error.message });
}
