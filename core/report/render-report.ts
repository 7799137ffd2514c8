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
import { tableBlock } from './table-block.ts';
import { command, figures, list, notice, paragraph, sans } from './text-blocks.ts';

let drawing: Promise<unknown> = Promise.resolve();

/** The bytes of the PDF. Every face is embedded, the text can be selected. One is drawn after the other. */
export function renderReport(report: Report, size: PaperSize): Promise<Uint8Array> {
  const drawn = drawing.then(() => draw(report, size));
  drawing = drawn.catch(() => undefined);
  return drawn;
}

async function draw(report: Report, size: PaperSize): Promise<Uint8Array> {
  await loadFonts();
  return renderToBuffer(documentOf(report, size));
}

function documentOf(report: Report, size: PaperSize): ReactElement<DocumentProps> {
  const width = contentWidth(size);
  const title = sans(report.title, 32);
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
    },
    h(
      Page,
      { size: paper[size].size, style: styles.page },
      header(report, title),
      footer(report, paper[size].height),
      titleBlock(report, title),
      ...report.sections.flatMap((section) => sectionOf(section, width)),
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
    h(Text, null, `Backtrail · ${what === 'month' ? 'monthly report' : 'trace report'} · ${title}`),
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
    h(Text, { style: styles.eyebrow }, report.what === 'month' ? 'Monthly report' : 'Trace report'),
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

function sectionOf({ title, blocks }: ReportSection, width: number): ReactElement[] {
  return [
    h(Text, { style: styles.sectionTitle, minPresenceAhead: 84 }, sans(title, 80)),
    ...blocks.flatMap((block) => blockOf(block, width)),
  ];
}

function blockOf(block: ReportBlock, width: number): ReactElement | ReactElement[] {
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
      return tableBlock(block.table, width);
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
