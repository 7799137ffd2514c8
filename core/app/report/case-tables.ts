/** Tables of the report on a case: what was kept in it, what was taken out again, and its log. */
import type { CaseInfo, CaseItem, CaseStep, KeptFlows, SourceCustody } from '../../model/case.ts';
import type { Place } from '../../model/place.ts';
import type { ReportBlock, ReportSection, ReportTable, ReportValue } from '../../model/report.ts';
import { fileName, momentWords, placeWords } from './words.ts';

/** Items of a kind that the document shows. */
export const ITEMS = 40;
const STEPS = 60;

export const caseColumns = {
  item: { key: 'item', title: 'Item', kind: 'text', weight: 0.5 },
  kept: { key: 'kept', title: 'Kept', kind: 'time', weight: 1.6 },
  note: { key: 'note', title: 'Note', kind: 'text', weight: 3 },
  sha256: { key: 'sha256', title: 'SHA-256', kind: 'hash', weight: 5 },
} as const;

/** Whole, as far as a page takes them: a table would cut them off. */
export function noteBlocks(notes: readonly CaseItem[]): ReportBlock[] {
  if (notes.length === 0) return [];
  const items = notes
    .slice(0, ITEMS)
    .map(({ id, addedMs, note }) => `Note ${id}, ${momentWords(addedMs)}: ${note}`);
  const rest = notes.length - items.length;
  return [{ kind: 'list', items: rest > 0 ? [...items, `${rest} more notes are in the case.`] : items }];
}

export const hostTable = (hosts: readonly CaseItem[], places: readonly Place[]): ReportTable => ({
  name: 'hosts',
  title: 'Hosts',
  columns: [
    caseColumns.item,
    { key: 'address', title: 'Address', kind: 'address', weight: 2 },
    { key: 'place', title: 'Place', kind: 'text', weight: 1.8 },
    caseColumns.kept,
    caseColumns.note,
  ],
  rows: hosts.map(({ id, title, addedMs, note }, i): ReportValue[] => [
    String(id),
    title,
    placeWords(places[i]),
    addedMs,
    note,
  ]),
  shown: ITEMS,
  empty: '',
});

export const flowTable = (flows: readonly CaseItem[]): ReportTable => ({
  name: 'flows',
  title: 'Selections of flows',
  columns: [
    caseColumns.item,
    { key: 'filter', title: 'Filter', kind: 'text', weight: 3 },
    { key: 'from', title: 'From', kind: 'time', weight: 1.6 },
    { key: 'to', title: 'To', kind: 'time', weight: 1.6 },
    caseColumns.note,
  ],
  rows: flows.map(({ id, content, note }): ReportValue[] => {
    const { filter, fromMs, toMs } = content as KeptFlows;
    return [String(id), filter.trim() === '' ? 'all flows' : filter, fromMs, toMs, note];
  }),
  shown: ITEMS,
  empty: '',
});

export const pictureTable = (pictures: readonly CaseItem[]): ReportTable => ({
  name: 'screenshots',
  title: 'Screenshots: the files are in the evidence bundle',
  columns: [
    caseColumns.item,
    { key: 'title', title: 'Title', kind: 'text', weight: 2 },
    caseColumns.sha256,
    { ...caseColumns.note, weight: 2 },
  ],
  rows: pictures.map(({ id, title, sha256, note }): ReportValue[] => [String(id), title, sha256, note]),
  shown: ITEMS,
  empty: '',
});

export const keptSourceTable = (items: readonly CaseItem[]): ReportTable => ({
  name: 'kept-sources',
  title: 'Sources that were kept, with the hashes of their files',
  columns: [
    caseColumns.item,
    { key: 'name', title: 'Name', kind: 'text', weight: 2 },
    caseColumns.sha256,
    { ...caseColumns.note, weight: 2 },
  ],
  rows: items.map(({ id, note, content }): ReportValue[] => {
    const { name, sha256 } = content as SourceCustody;
    return [String(id), fileName(name), sha256, note];
  }),
  shown: ITEMS,
  empty: '',
});

export const withdrawnTable = (items: readonly CaseItem[]): ReportTable => ({
  name: 'withdrawn',
  title: 'Taken out of the case',
  columns: [
    caseColumns.item,
    { key: 'kind', title: 'Kind', kind: 'text' },
    { key: 'title', title: 'Title', kind: 'text', weight: 3 },
    { key: 'reason', title: 'Why', kind: 'text', weight: 3 },
  ],
  rows: items.map(({ id, kind, title, withdrawn }): ReportValue[] => [String(id), kind, title, withdrawn]),
  shown: ITEMS,
  empty: '',
});

export function logSection({ head }: CaseInfo, steps: readonly CaseStep[]): ReportSection {
  const table: ReportTable = {
    name: 'log',
    title: 'Steps, the latest first',
    columns: [
      { key: 'step', title: 'Step', kind: 'text', weight: 0.6 },
      { key: 'time', title: 'Time', kind: 'time', weight: 1.8 },
      { key: 'action', title: 'What was done', kind: 'text', weight: 2 },
      { key: 'hash', title: 'Hash of the step', kind: 'hash', weight: 5 },
    ],
    rows: steps
      .toReversed()
      .map(({ sequence, timeMs, action, hash }): ReportValue[] => [String(sequence), timeMs, action, hash]),
    shown: STEPS,
    empty: 'The log has no steps.',
  };
  const text =
    'Each step holds the hash of the one before it, its time and its parameters; items are in it with their own hashes. None can be changed without changing all that follow, and the last hash stands for all of them:';
  return {
    id: 'log',
    title: 'The log',
    blocks: [
      { kind: 'text', text },
      { kind: 'command', text: head },
      { kind: 'table', table },
    ],
  };
}
