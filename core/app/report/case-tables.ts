/** Tables of the report on a case: what was kept in it, what was taken out again, and its log. */
import type { CaseInfo, CaseItem, CaseStep, KeptFlows, SourceCustody } from '../../model/case.ts';
import type { Place } from '../../model/place.ts';
import type { ReportBlock, ReportSection, ReportTable, ReportValue } from '../../model/report.ts';
import { fileName, momentWords, placeWords } from './words.ts';

/** Items of a kind that the document shows. */
const ITEMS = 40;
const STEPS = 60;

export const noteColumn = { key: 'note', title: 'Note', kind: 'text', weight: 3 } as const;

/** Whole, as far as a page takes them: a table would cut them off. */
export function noteBlocks(notes: readonly CaseItem[]): ReportBlock[] {
  if (notes.length === 0) return [];
  const items = notes
    .slice(0, ITEMS)
    .map(({ id, addedMs, note }) => `Note ${id}, ${momentWords(addedMs)}: ${note}`);
  const rest = notes.length - items.length;
  return [{ kind: 'list', items: rest > 0 ? [...items, `${rest} more notes are in the case.`] : items }];
}

/** A row an item, which begins with its number. */
export const itemTable = (
  { name, title }: Pick<ReportTable, 'name' | 'title'>,
  columns: ReportTable['columns'],
  items: readonly CaseItem[],
  cells: (item: CaseItem, i: number) => readonly ReportValue[],
): ReportTable => ({
  name,
  title,
  columns: [{ key: 'item', title: 'Item', kind: 'text', weight: 0.5 }, ...columns],
  rows: items.map((item, i) => [String(item.id), ...cells(item, i)]),
  shown: ITEMS,
  empty: '',
});

export const hostTable = (hosts: readonly CaseItem[], places: readonly Place[]): ReportTable =>
  itemTable(
    { name: 'hosts', title: 'Hosts' },
    [
      { key: 'address', title: 'Address', kind: 'address', weight: 2 },
      { key: 'place', title: 'Place', kind: 'text', weight: 1.8 },
      { key: 'kept', title: 'Kept', kind: 'time', weight: 1.6 },
      noteColumn,
    ],
    hosts,
    ({ title, addedMs, note }, i) => [title, placeWords(places[i]), addedMs, note],
  );

export const flowTable = (flows: readonly CaseItem[]): ReportTable =>
  itemTable(
    { name: 'flows', title: 'Selections of flows' },
    [
      { key: 'filter', title: 'Filter', kind: 'text', weight: 3 },
      { key: 'from', title: 'From', kind: 'time', weight: 1.6 },
      { key: 'to', title: 'To', kind: 'time', weight: 1.6 },
      noteColumn,
    ],
    flows,
    ({ content, note }) => {
      const { filter, fromMs, toMs } = content as KeptFlows;
      return [filter.trim() === '' ? 'all flows' : filter, fromMs, toMs, note];
    },
  );

/** With the hash of what an item stands for. */
const hashedColumns = (key: string, title: string): ReportTable['columns'] => [
  { key, title, kind: 'text', weight: 2 },
  { key: 'sha256', title: 'SHA-256', kind: 'hash', weight: 5 },
  { ...noteColumn, weight: 2 },
];

export const pictureTable = (pictures: readonly CaseItem[]): ReportTable =>
  itemTable(
    { name: 'screenshots', title: 'Screenshots: the files are in the evidence bundle' },
    hashedColumns('title', 'Title'),
    pictures,
    ({ title, sha256, note }) => [title, sha256, note],
  );

export const keptSourceTable = (items: readonly CaseItem[]): ReportTable =>
  itemTable(
    { name: 'kept-sources', title: 'Sources that were kept, with the hashes of their files' },
    hashedColumns('name', 'Name'),
    items,
    ({ note, content }) => {
      const { name, sha256 } = content as SourceCustody;
      return [fileName(name), sha256, note];
    },
  );

export const withdrawnTable = (items: readonly CaseItem[]): ReportTable =>
  itemTable(
    { name: 'withdrawn', title: 'Taken out of the case' },
    [
      { key: 'kind', title: 'Kind', kind: 'text' },
      { key: 'title', title: 'Title', kind: 'text', weight: 3 },
      { key: 'reason', title: 'Why', kind: 'text', weight: 3 },
    ],
    items,
    ({ kind, title, withdrawn }) => [kind, title, withdrawn],
  );

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
