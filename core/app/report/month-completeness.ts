/** How complete a month's data are: days without any, loss, sampling, damage, imports that did not end. */
import type { AnswerNotes } from '../../model/query.ts';
import type { ReportBlock, ReportTable } from '../../model/report.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import type { StoredSource } from '../../store/sources.ts';
import type { MonthFacts } from './month-facts.ts';
import { fileName, sentences } from './words.ts';

const DAY_MS = 86_400_000;
const MOST_SENTENCES = 12;
const number = (value: number): string => Math.round(value).toLocaleString('en-GB');

/** The first moments of those days of the month, as far as it has gone, on which no flow began. */
export function daysWithoutData({
  sums,
  range,
  nowMs,
}: Pick<MonthFacts, 'sums' | 'range' | 'nowMs'>): number[] {
  const days = Array.from(sums.days.flows, (flows, i) => ({ flows, day: range.from + i * DAY_MS }));
  return days.filter(({ flows, day }) => flows === 0 && day < nowMs).map(({ day }) => day);
}

export function completenessBlocks(facts: MonthFacts): ReportBlock[] {
  const { sources, nowMs, range } = facts;
  const findings = [
    ...(nowMs < range.to ? ['The month was not over when this report was made.'] : []),
    ...dayFindings(facts),
    ...exporterFindings(facts),
    ...sourceFindings(sources),
    ...answersOf(facts).flatMap(({ damages }) => damages),
    ...sentences(
      answersOf(facts).flatMap(({ notes }) => notes),
      MOST_SENTENCES,
    ),
  ];
  const items = sentences(findings, 3 * MOST_SENTENCES);
  return [
    ...(items.length === 0
      ? [
          {
            kind: 'text',
            text: 'Nothing is known to be missing: every day has flows, no exporter lost or sampled, no part of the store is damaged, and every import has ended.',
          } as const,
        ]
      : [{ kind: 'list', items } as const]),
    { kind: 'table', table: sourceTable(sources) },
  ];
}

const answersOf = ({ sums, earlier }: MonthFacts): AnswerNotes[] => [sums, earlier];

function dayFindings(facts: MonthFacts): string[] {
  const days = daysWithoutData(facts);
  if (days.length === 0) return [];
  const names = days.map((day) => formatTime(epochMs(day)).slice(8, 10));
  const spans: string[] = [];
  for (let first = 0; first < days.length;) {
    let last = first;
    while (last + 1 < days.length && (days[last + 1] ?? 0) - (days[last] ?? 0) === DAY_MS) last++;
    spans.push(first === last ? (names[first] ?? '') : `${names[first]} to ${names[last]}`);
    first = last + 1;
  }
  return [
    `On ${days.length} ${days.length === 1 ? 'day' : 'days'} no flow began: ${spans.join(', ')}. Whether nothing happened then or nothing was recorded cannot be told.`,
  ];
}

function exporterFindings({ exporters, sums }: MonthFacts): string[] {
  const lossy = exporters.rows.filter(({ lost }) => (lost ?? 0) > 0);
  const silent = exporters.rows.filter(({ lost }) => lost === null);
  const sampled = exporters.rows.filter(({ samplingInterval }) => (samplingInterval ?? 1) > 1);
  const named = (rows: typeof lossy): string =>
    `${rows
      .slice(0, 8)
      .map(({ address }) => address || '(not told)')
      .join(', ')}${rows.length > 8 ? ` and ${rows.length - 8} more` : ''}`;
  return [
    ...(lossy.length > 0
      ? [`Records of ${named(lossy)} were lost on the way: true numbers are higher.`]
      : []),
    ...(silent.length > 0 ? [`Whether records of ${named(silent)} were lost cannot be told.`] : []),
    ...(sampled.length > 0
      ? [
          `${named(sampled)} sampled packets. Counters are as exported, not multiplied: true numbers are higher.`,
        ]
      : sums.sampled
        ? [
            'Some flows are of exporters that sampled. Counters are as exported, not multiplied: true numbers are higher.',
          ]
        : []),
    ...(sums.duplicates > 0
      ? [`${number(sums.duplicates)} observations of flows that another exporter saw too are not counted.`]
      : []),
  ];
}

function sourceFindings(sources: readonly StoredSource[]): string[] {
  const unfinished = sources.filter(({ state }) => state === 'importing').map(nameOf);
  const broken = sources.filter(({ brokeAt }) => brokeAt !== null).map(nameOf);
  const faulty = sources.filter((source) => issuesOf(source) > 0);
  const dropped = sources.reduce((sum, source) => sum + source.dropped, 0);
  const named = (names: readonly string[]): string =>
    `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  return [
    ...(unfinished.length > 0
      ? [`Imported in part only: ${named(unfinished)}. Import again to finish.`]
      : []),
    ...(broken.length > 0 ? [`Files that break off: ${named(broken)}.`] : []),
    ...(faulty.length > 0
      ? [
          `${number(faulty.reduce((sum, source) => sum + issuesOf(source), 0))} faults were found while reading ${number(faulty.length)} of the sources.`,
        ]
      : []),
    ...(dropped > 0
      ? [`${number(dropped)} flows of these sources went with days that retention dropped.`]
      : []),
  ];
}

/** Of a file its own name: the folders it was in are the importing machine's. */
const nameOf = ({ kind, name }: StoredSource): string => (kind === 'live' ? name : fileName(name));

const issuesOf = ({ issues }: StoredSource): number =>
  Object.values(issues).reduce((sum, count) => sum + count, 0);

/** With the hash of the bytes, so that whoever has the files can tell that they are the same. */
export function sourceTable(sources: readonly StoredSource[]): ReportTable {
  return {
    name: 'sources',
    title: 'Sources of these flows',
    columns: [
      { key: 'name', title: 'Name', kind: 'text', weight: 2 },
      { key: 'sha256', title: 'SHA-256', kind: 'hash', weight: 4.7 },
      { key: 'kind', title: 'Kind', kind: 'text', weight: 1.1 },
      { key: 'flows', title: 'Flows', kind: 'count', weight: 0.9 },
      { key: 'faults', title: 'Faults', kind: 'count', weight: 0.7 },
      { key: 'decoder', title: 'Decoder', kind: 'text', weight: 0.9 },
    ],
    rows: sources.map((source) => [
      nameOf(source),
      source.kind === 'live' ? 'collected live' : source.sha256,
      source.state === 'importing' ? 'unfinished' : source.kind,
      source.rows,
      issuesOf(source),
      source.decoder,
    ]),
    shown: 12,
    empty: 'No source has flows here.',
  };
}
