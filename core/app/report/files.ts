/** Reports as files: the PDF, and every table beside it. Each is whole or not there. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ApiError } from '../../model/api-error.ts';
import type { PaperSize, Report } from '../../model/report.ts';
import type * as Drawing from '../../report/render-report.ts';
import { tableFiles } from '../../report/table-files.ts';

export interface ReportTarget {
  /** Path of the PDF. */
  readonly out: string;
  readonly paper: PaperSize;
  /** Folder of the tables; absent: none are written. */
  readonly tables?: string | undefined;
}

/** Reads what draws pages, which takes long: best while something else is waited for. */
export const readDrawing = (): Promise<typeof Drawing> => import('../../report/render-report.ts');

/** Writes a report. Rejects with ApiError `cannot-write`. Returns how many files beside the PDF. */
export async function writeReport(report: Report, { out, paper, tables }: ReportTarget): Promise<number> {
  const { renderReport } = await readDrawing();
  const bytes = await renderReport(report, paper);
  const files = tables === undefined ? [] : tableFiles(report);
  explained(tables ?? '', () => {
    for (const { name, text } of files) writeWhole(join(tables ?? '', name), text);
  });
  explained(out, () => writeWhole(out, bytes));
  return files.length;
}

/** Refuses early what could not be written after all the work. */
export function checkTarget(out: string): void {
  explained(out, () => {
    mkdirSync(dirname(resolve(out)), { recursive: true });
    const probe = `${out}.part`;
    writeFileSync(probe, '');
    rmSync(probe);
  });
}

/** A reader never sees half of a file. */
function writeWhole(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  try {
    writeFileSync(`${path}.part`, content);
    renameSync(`${path}.part`, path);
  } catch (error) {
    rmSync(`${path}.part`, { force: true });
    throw error;
  }
}

function explained(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('cannot-write', `${path} cannot be written (${what}).`, { cause: error });
  }
}
