/** A report as a PDF: one document for all kinds, made of the report's blocks. */
import { Document, Page, renderToBuffer, Text, View, type DocumentProps } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { PaperSize, Report, ReportBlock, ReportSection } from '../model/report.ts';
import { barsBlock } from './bars-block.ts';
import { loadFonts } from './fonts.ts';
import { formatMoment } from './format.ts';
import { mapBlock } from './map-block.ts';
import { contentWidth, h, ink, paper, styles } from './page-theme.ts';
import { pathBlock } from './path-block.ts';
import { fingerprintBlock, ganttBlock } from './strip-blocks.ts';
import { afterTable, tableBlock, type TableSetting } from './table-block.ts';
import { command, figures, list, notice, paragraph, sans } from './text-blocks.ts';

const kinds = { month: 'Monthly report', trace: 'Trace report', case: 'Case report' } as const;

let drawing: Promise<unknown> = Promise.resolve();

/** The bytes of the PDF. Every face is embedded, the text can be selected. One is drawn after the other. */
export function renderReport(report: Report, size: PaperSize): Promise<Uint8Array> {
  const drawn = drawing.then(() => draw(report, size));
  drawing = drawn.catch(() => undefined);
  return drawn;
}

/** A last page that is filled no further, points, is one that closer lines may save. */
const FEW = 130;

async function draw(report: Report, size: PaperSize): Promise<Uint8Array> {
  const usual = await drawWith(report, size, 'usual');
  if (usual.pages < 2 || usual.filled > FEW) return usual.bytes;
  const close = await drawWith(report, size, 'close');
  return close.pages < usual.pages ? close.bytes : usual.bytes;
}

interface Drawn extends PagesFilled {
  readonly bytes: Uint8Array;
}

async function drawWith(report: Report, size: PaperSize, spacing: TableSetting['spacing']): Promise<Drawn> {
  await loadFonts();
  let filled: PagesFilled = { pages: 0, filled: 0 };
  const onRender = (told: object): void => {
    filled = pagesFilled(told);
  };
  const bytes = await renderToBuffer(documentOf(report, size, spacing, onRender));
  return { bytes, ...filled };
}

interface PagesFilled {
  readonly pages: number;
  /** Points of the last page that are filled, below its upper margin. */
  readonly filled: number;
}

interface LaidOut {
  readonly box?: { readonly top: number; readonly height: number };
  readonly props?: { readonly fixed?: boolean };
  readonly children?: readonly LaidOut[];
}

/** The renderer tells how it laid out the document, but its types do not. Without that one page is said to be there. */
function pagesFilled(told: { readonly _INTERNAL__LAYOUT__DATA_?: LaidOut }): PagesFilled {
  const { children: pages = [] } = told._INTERNAL__LAYOUT__DATA_ ?? {};
  const last = pages.at(-1)?.children?.filter(({ props }) => props?.fixed !== true) ?? [];
  const ends = last.map(({ box }) => (box ? box.top + box.height : 0));
  return { pages: pages.length, filled: Math.max(0, ...ends) - styles.page.paddingTop };
}

function documentOf(
  report: Report,
  size: PaperSize,
  spacing: TableSetting['spacing'],
  onRender: (told: object) => void,
): ReactElement<DocumentProps> {
  const setting = { width: contentWidth(size), spacing };
  const title = sans(report.title, 32);
  const parts = [
    titleBlock(report, title),
    ...report.sections.flatMap((section) => sectionOf(section, setting)),
  ];
  // At the end it could make a page of its own.
  if (parts.at(-1) === afterTable) parts.pop();
  return h(
    Document,
    {
      title,
      subject: sans(report.question, 200),
      author: sans(report.store, 80),
      creator: report.program,
      producer: report.program,
      language: 'en-GB',
      creationDate: new Date(report.generatedMs),
      modificationDate: new Date(report.generatedMs),
      pageMode: 'useNone',
      onRender,
    },
    h(
      Page,
      {
        size: paper[size].size,
        style: spacing === 'usual' ? styles.page : [styles.page, styles.closePage],
      },
      header(report, title),
      footer(report, paper[size].height),
      ...parts,
    ),
  );
}

function header({ what, store }: Report, title: string): ReactElement {
  return h(
    View,
    {
      fixed: true,
      style: {
        ...styles.running,
        top: 26,
        borderBottomWidth: 0.5,
        borderBottomColor: ink.line,
        paddingBottom: 4,
      },
    },
    h(Text, null, `Backtrail · ${kinds[what].toLowerCase()} · ${title}`),
    h(Text, null, sans(store, 40)),
  );
}

/** Placed from the top: from the bottom the layout loses it where a line height is set. */
function footer({ generatedMs, program }: Report, height: number): ReactElement {
  return h(
    View,
    {
      fixed: true,
      style: {
        ...styles.running,
        top: height - 44,
        borderTopWidth: 0.5,
        borderTopColor: ink.line,
        paddingTop: 4,
      },
    },
    h(Text, null, `Made ${formatMoment(generatedMs)} UTC by ${program}. All times are UTC.`),
    h(Text, {
      render: ({ pageNumber, totalPages }: { pageNumber: number; totalPages?: number }) =>
        `Page ${pageNumber} of ${totalPages ?? ''}`,
    }),
  );
}

function titleBlock(report: Report, title: string): ReactElement {
  const range = `${formatMoment(report.fromMs)} to ${formatMoment(report.toMs)} UTC`;
  return h(
    View,
    { style: { marginBottom: 16 } },
    h(Text, { style: styles.eyebrow }, kinds[report.what]),
    h(Text, { style: styles.title }, title),
    h(Text, { style: styles.question }, sans(report.question, 70)),
    h(
      View,
      { style: { marginTop: 8, borderLeftWidth: 3, borderLeftColor: ink.blue, paddingLeft: 10 } },
      h(Text, { style: { ...styles.answer, marginTop: 0 } }, sans(report.answer, 200)),
    ),
    h(Text, { style: { ...styles.small, marginTop: 8 } }, `${range} · store ${sans(report.store, 60)}`),
  );
}

/** Points that must be left on a page below the title of a section: a chart is not divided, and would leave it behind. */
function leastAfterTitle(first: ReportBlock | undefined): number {
  if (first?.kind === 'fingerprint') return 150;
  if (first?.kind === 'bars') return 180;
  if (first?.kind === 'gantt') return Math.min(400, 60 + 17 * first.strips.length);
  return 84;
}

function sectionOf({ title, blocks }: ReportSection, setting: TableSetting): ReactElement[] {
  return [
    h(Text, { style: styles.sectionTitle, minPresenceAhead: leastAfterTitle(blocks[0]) }, sans(title, 80)),
    ...blocks.flatMap((block) => blockOf(block, setting)),
  ];
}

function blockOf(block: ReportBlock, setting: TableSetting): ReactElement | ReactElement[] {
  const { width } = setting;
  switch (block.kind) {
    case 'text':
      return paragraph(block.text);
    case 'list':
      return list(block.items);
    case 'notice':
      return notice(block.text);
    case 'figures':
      return figures(block.figures);
    case 'table':
      return tableBlock(block.table, setting);
    case 'bars':
      return barsBlock(block.bars, width);
    case 'path':
      return pathBlock(block.hops);
    case 'map':
      return mapBlock(block, width);
    case 'gantt':
      return ganttBlock(block.title, block.strips, width);
    case 'fingerprint':
      return fingerprintBlock(block.fingerprint, width);
    case 'command':
      return command(block.text);
  }
}

/** Pages of a PDF that `renderReport` made: its page objects lie outside of compressed streams. */
export const countPages = (pdf: Uint8Array): number =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
