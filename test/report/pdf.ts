/** What a person sees of a PDF, by the tools of poppler. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function ask(pdf: Uint8Array, tool: string, ...args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtrail-pdf-'));
  try {
    const path = join(folder, 'report.pdf');
    writeFileSync(path, pdf);
    const { stdout, status, stderr } = spawnSync(
      tool,
      args.map((arg) => (arg === 'FILE' ? path : arg)),
      {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      },
    );
    if (status !== 0) throw new Error(`${tool} failed: ${stderr}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of each page, laid out as on paper. */
export const pagesOf = (pdf: Uint8Array): string[] =>
  ask(pdf, 'pdftotext', '-layout', 'FILE', '-').split('\f').slice(0, -1);

export const infoOf = (pdf: Uint8Array): string => ask(pdf, 'pdfinfo', 'FILE');

/** Name and whether it is embedded, of each face. */
export const fontsOf = (pdf: Uint8Array): { name: string; embedded: boolean }[] =>
  ask(pdf, 'pdffonts', 'FILE')
    .split('\n')
    .slice(2)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(/\s+/)[0] ?? '', embedded: / yes (yes|no) (yes|no) /.test(line) }));

/** Boxes of words, page by page, in points from the upper left corner. */
export function boxesOf(
  pdf: Uint8Array,
): { page: number; word: string; left: number; right: number; bottom: number }[] {
  const boxes = [];
  let page = 0;
  for (const line of ask(pdf, 'pdftotext', '-bbox', 'FILE', '-').split('\n')) {
    if (line.includes('<page ')) page++;
    const [, left, right, bottom, word] =
      /<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)<\/word>/.exec(line) ?? [];
    if (word === undefined) continue;
    boxes.push({ page, word, left: Number(left), right: Number(right), bottom: Number(bottom) });
  }
  return boxes;
}
