/** A flood's entry points in words and a table. */
import type { FloodEntry, FloodPart, FloodTrace } from '../model/flood-trace.ts';
import { epochMs, formatTime } from '../model/time.ts';
import { formatTable } from './table.ts';

export function renderFlood(trace: FloodTrace): string {
  const { target, windowStartMs, windowEndMs, risesAtMs, measure, entries, conclusion, sources, notes } =
    trace;
  return [
    `FLOOD TO ${target}, MEASURED FROM ${time(windowStartMs)} TO ${time(windowEndMs)} UTC`,
    '',
    conclusion,
    ...(risesAtMs === null
      ? []
      : [
          `The traffic rose at ${time(risesAtMs)} or up to ${Math.round((windowEndMs - windowStartMs) / 1000)} s before.`,
        ]),
    '',
    ...(entries.length > 0 ? ['ENTRY POINTS, LARGEST FIRST', '', ...tableOf(entries, measure), ''] : []),
    ...entries.flatMap((entry, i) => partLines(entry, i)),
    'SOURCES',
    '',
    `${sourceWords[sources.verdict]} About ${sources.distinct.toLocaleString('en')} different addresses.`,
    ...sources.signs.map((sign) => `- ${sign}`),
    '',
    'WHAT BOUNDS THIS',
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

const sourceWords = {
  plausible: 'Nothing speaks against the source addresses.',
  spoofed: 'The source addresses are forged: they do not tell where the flood came from.',
  doubtful: 'One sign speaks for forged source addresses; take them with care.',
  unknown: 'Too few sources to tell whether they are forged.',
} as const;

function tableOf(entries: readonly FloodEntry[], measure: FloodTrace['measure']): string[] {
  const table = formatTable(
    [
      { title: '#', align: 'right' },
      { title: 'Exporter' },
      { title: 'Site' },
      { title: 'In', align: 'right' },
      { title: `Excess ${measure}`, align: 'right' },
      { title: 'Share', align: 'right' },
      { title: 'Usual', align: 'right' },
      { title: 'Deviations', align: 'right' },
    ],
    entries.map((entry, i) => [
      `${i + 1}`,
      `${entry.exporter}${entry.exporterPort === null ? '' : `:${entry.exporterPort}`}`,
      entry.site,
      `${entry.ingressInterface ?? '?'}`,
      Math.round(entry.excess).toLocaleString('en'),
      `${(entry.share * 100).toFixed(0)} %`,
      entry.baseline
        ? `${Math.round(entry.baseline.mean[measure]).toLocaleString('en')} ± ${Math.round(entry.baseline.deviation[measure]).toLocaleString('en')}`
        : 'unknown',
      entry.deviations?.toFixed(0) ?? '-',
    ]),
  );
  return table.trimEnd().split('\n');
}

function partLines({ neighbours, prefixes }: FloodEntry, i: number): string[] {
  const list = (parts: readonly FloodPart[]): string =>
    parts
      .slice(0, 5)
      .map(({ name, share }) => `${name} ${(share * 100).toFixed(0)} %`)
      .join(', ');
  const lines = [
    ...(neighbours.length > 0 ? [`   neighbours: ${list(neighbours)}`] : []),
    ...(prefixes.length > 0 ? [`   from: ${list(prefixes)}`] : []),
  ];
  return lines.length > 0 ? [`${i + 1}.`, ...lines, ''] : [];
}

const time = (ms: number): string =>
  formatTime(epochMs(Math.round(ms)))
    .slice(0, 19)
    .replace('T', ' ');
