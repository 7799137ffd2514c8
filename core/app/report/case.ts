/** The report on a case: what was kept and why, its traces with their evidence, and the log of every step with its hashes. */
import type { CaseInfo, CaseItem, KeptHost } from '../../model/case.ts';
import type { Place } from '../../model/place.ts';
import type { Report, ReportBlock, ReportSection, ReportTable } from '../../model/report.ts';
import type { StoredSource } from '../../store/sources.ts';
import { Store } from '../../store/store.ts';
import { partyText } from '../../trace/question.ts';
import { findCase, withCases, type KeptTrace } from '../case/desk.ts';
import { explainedAgain } from '../case/report.ts';
import { placesOf } from '../geo/places.ts';
import { readGeoSettings } from '../geo/settings.ts';
import { packageVersion } from '../resources.ts';
import {
  flowTable,
  hostTable,
  itemTable,
  keptSourceTable,
  logSection,
  noteBlocks,
  noteColumn,
  pictureTable,
  withdrawnTable,
} from './case-tables.ts';
import { storeName } from './month.ts';
import { verdictOf } from './month-cases.ts';
import { sourceTable } from './month-completeness.ts';
import { traceReport } from './trace.ts';
import { momentWords } from './words.ts';

export interface CaseReportRequest {
  /** Id or name; absent: the case that is open. */
  readonly case?: string | undefined;
  /** When it is made, epoch ms. */
  readonly nowMs: number;
}

/** Traces that are drawn with their evidence; of more of them the table has the verdict. */
const DRAWN = 8;
/** Of a trace's own report. Its candidates and how to run it again are there. */
const TRACE_SECTIONS = ['path', 'sessions', 'evidence', 'limits'];
const SOURCES = 40;

/** Rejects with ApiError: `usage` (no such case), and those of a store. */
export async function reportCase(folder: string, { case: name, nowMs }: CaseReportRequest): Promise<Report> {
  const { info, all, steps } = withCases(folder, (book) => {
    const found = findCase(book, name);
    return { info: found, all: book.items(found.id), steps: book.steps(found.id) };
  });
  const items = all.filter(({ withdrawn }) => withdrawn === null);
  const traces = items.filter(({ kind }) => kind === 'trace');
  const drawn = await reportsOn(folder, traces.slice(0, DRAWN));
  const { reference, examiner, openedMs, closedMs } = info;
  const who = [reference, examiner].filter((text) => text !== '').join(', ');
  const until = closedMs === null ? '' : ` It was closed at ${momentWords(closedMs)}.`;
  return {
    what: 'case',
    title: info.name,
    question: `${who === '' ? '' : `${who}. `}What was found, what it rests on, and every step that led there.`,
    answer: `${answerOf(traces.length, drawn[0])}${until}`,
    generatedMs: nowMs,
    fromMs: openedMs,
    toMs: closedMs ?? nowMs,
    store: storeName(folder),
    program: `backtrail ${packageVersion()}`,
    sections: [
      { id: 'case', title: 'The case in figures', blocks: [figuresOf(info, items)] },
      ...(traces.length > 0
        ? [{ id: 'traces', title: 'Traces', blocks: [{ kind: 'table', table: traceTable(traces) } as const] }]
        : []),
      ...drawn.flatMap(drawnTrace),
      ...(await keptSections(folder, all)),
      logSection(info, steps),
      sourceSection(sources(folder)),
    ],
  };
}

interface CaseTrace {
  readonly item: CaseItem;
  readonly report: Report;
}

async function reportsOn(folder: string, items: readonly CaseItem[]): Promise<CaseTrace[]> {
  const traces: CaseTrace[] = [];
  for (const item of items) {
    const kept = item.content as KeptTrace;
    const asked = { ...kept.question, nowMs: item.addedMs, storeArgument: 'STORE' };
    traces.push({ item, report: await traceReport(folder, asked, explainedAgain(folder, kept)) });
  }
  return traces;
}

function answerOf(traces: number, first: CaseTrace | undefined): string {
  if (!first) return 'No trace is kept in this case.';
  const { answer } = first.report;
  return traces === 1 ? answer : `${traces} traces are kept in this case. The first: ${answer}`;
}

const figuresOf = ({ steps }: CaseInfo, items: readonly CaseItem[]): ReportBlock => {
  const kinds = [
    ['Traces', 'trace'],
    ['Selections of flows', 'flows'],
    ['Hosts', 'host'],
    ['Notes', 'note'],
    ['Screenshots', 'screenshot'],
    ['Sources', 'source'],
  ] as const;
  const counts = kinds.map(([label, kind]) => ({
    label,
    value: items.filter((item) => item.kind === kind).length,
  }));
  return {
    kind: 'figures',
    figures: [...counts, { label: 'Steps of the log', value: steps }].map((figure) => ({
      ...figure,
      kind: 'count',
      note: '',
    })),
  };
};

const traceTable = (traces: readonly CaseItem[]): ReportTable =>
  itemTable(
    { name: 'traces', title: 'In the order in which they were kept' },
    [
      { key: 'moment', title: 'Moment', kind: 'time', weight: 1.8 },
      { key: 'victim', title: 'Login to', kind: 'address', weight: 1.6 },
      { key: 'origin', title: 'Earliest observed', kind: 'address', weight: 1.6 },
      { key: 'verdict', title: 'Verdict', kind: 'text', weight: 2.6 },
      { ...noteColumn, weight: 2 },
    ],
    traces,
    ({ note, content }) => {
      const { question, result } = content as KeptTrace;
      const { origin, verdict } = verdictOf(result);
      return [question.at, partyText(question.victim), origin, verdict, note];
    },
  );

/** The sections of a trace's own report; tables have a name of their own in the whole document. */
function drawnTrace({ item, report }: CaseTrace): ReportSection[] {
  const named = (block: ReportBlock): ReportBlock =>
    block.kind === 'table'
      ? { ...block, table: { ...block.table, name: `trace-${item.id}-${block.table.name}` } }
      : block;
  return report.sections
    .filter(({ id }) => TRACE_SECTIONS.includes(id))
    .map(({ id, title, blocks }) => ({
      id: `trace-${item.id}-${id}`,
      title: `Trace ${item.id}: ${title}`,
      blocks: [
        ...(id === 'path' ? [{ kind: 'text' as const, text: `${report.question} ${report.answer}` }] : []),
        ...blocks.map(named),
      ],
    }));
}

async function keptSections(folder: string, all: readonly CaseItem[]): Promise<ReportSection[]> {
  const items = all.filter(({ withdrawn }) => withdrawn === null);
  const of = (kind: CaseItem['kind']): CaseItem[] => items.filter((item) => item.kind === kind);
  const withdrawn = all.filter((item) => item.withdrawn !== null);
  const tables = [
    hostTable(of('host'), await hostPlaces(folder, of('host'))),
    flowTable(of('flows')),
    pictureTable(of('screenshot')),
    keptSourceTable(of('source')),
    withdrawnTable(withdrawn),
  ].filter(({ rows }) => rows.length > 0);
  const blocks: ReportBlock[] = [
    ...noteBlocks(of('note')),
    ...tables.map((table) => ({ kind: 'table', table }) as const),
  ];
  return blocks.length === 0 ? [] : [{ id: 'kept', title: 'What else was kept', blocks }];
}

async function hostPlaces(folder: string, hosts: readonly CaseItem[]): Promise<readonly Place[]> {
  const named = hosts.map(({ content }) => {
    const { address, site } = content as KeptHost;
    return site === null ? address : `${address}@${site}`;
  });
  return placesOf(readGeoSettings(folder), named, undefined);
}

const sourceSection = (all: readonly StoredSource[]): ReportSection => ({
  id: 'sources',
  title: 'Sources and their hashes',
  blocks: [
    {
      kind: 'table',
      table: { ...sourceTable(all), title: 'Every source of the store', shown: SOURCES },
    },
  ],
});

function sources(folder: string): StoredSource[] {
  using store = Store.open(folder, { create: false });
  return store.sources();
}
