/** Tables of a trace: candidates, clocks. */
import type { ReportTable } from '../../model/report.ts';
import type { ConnectionView, ExporterClock, TraceResult } from '../../model/trace-result.ts';
import { formatEndpoint } from '../../model/address.ts';
import { verdictWords } from '../trace/verdict-words.ts';

/** `192.0.2.1:22 at Seoul`; without the site where there is none. */
export function endpointText(view: ConnectionView, side: 'source' | 'destination'): string {
  const site = view[`${side}Site`];
  const text = portText(view, side);
  return site === undefined ? text : `${text} at ${site}`;
}

function portText(view: ConnectionView, side: 'source' | 'destination'): string {
  return formatEndpoint(view[side], view[`${side}Port`]);
}

/** Both ends without their sites, for a narrow place. */
export const shortText = (view: ConnectionView): string =>
  `${portText(view, 'source')} -> ${portText(view, 'destination')}`;

export function candidateTable({ candidates }: TraceResult): ReportTable {
  return {
    name: 'candidates',
    title: 'Other logins that were compared with the one in question, best first',
    columns: [
      { key: 'source', title: 'From', kind: 'address', weight: 2.6 },
      { key: 'destination', title: 'To', kind: 'address', weight: 2.6 },
      { key: 'scoreNats', title: 'Nats', kind: 'number', weight: 0.6 },
      { key: 'eValue', title: 'E-value', kind: 'number', weight: 0.7 },
      { key: 'cpf', title: 'CPF', kind: 'number', weight: 0.6 },
      { key: 'lagMs', title: 'Lag', kind: 'milliseconds', weight: 0.7 },
      { key: 'matched', title: 'Matched', kind: 'count', weight: 0.7 },
      { key: 'verdict', title: 'Verdict', kind: 'text', weight: 1.9 },
    ],
    rows: candidates.map(({ connection, scoreNats, eValue, cpf, lagMs, matched, verdict, refusal }) => [
      endpointText(connection, 'source'),
      endpointText(connection, 'destination'),
      ...(refusal === null ? [scoreNats, eValue, cpf, lagMs, matched] : [null, null, cpf, null, null]),
      verdictWords[verdict],
    ]),
    shown: 16,
    empty: 'No other connection can be compared with it.',
  };
}

/** An exporter whose observation domains agree has one clock, and one row. */
function joined(clocks: readonly ExporterClock[]): ExporterClock[] {
  const rows = new Map<string, ExporterClock>();
  for (const clock of clocks) {
    const { exporter, site, offsetMs, driftPpm, tiedBy } = clock;
    const key = JSON.stringify([exporter, site, Math.round(offsetMs), driftPpm.toFixed(1), tiedBy]);
    const known = rows.get(key);
    rows.set(key, known ? { ...known, observations: known.observations + clock.observations } : clock);
  }
  return [...rows.values()];
}

const ties = { 'arrival-times': 'arrival times', 'shared-flows': 'shared flows' } as const;

export function clockTable(clocks: readonly ExporterClock[]): ReportTable {
  return {
    name: 'clocks',
    title: 'Clocks of the exporters: already corrected in all times of this report',
    columns: [
      { key: 'exporter', title: 'Exporter', kind: 'address', weight: 1.6 },
      { key: 'site', title: 'Site', kind: 'text' },
      { key: 'offsetMs', title: 'Ahead by', kind: 'milliseconds' },
      { key: 'offsetErrorMs', title: '± Error', kind: 'milliseconds' },
      { key: 'driftPpm', title: 'Drift, ppm', kind: 'number' },
      { key: 'observations', title: 'Observations', kind: 'count' },
      { key: 'tiedBy', title: 'Compared by', kind: 'text' },
    ],
    rows: joined(clocks).map(
      ({ exporter, site, offsetMs, offsetErrorMs, driftPpm, observations, tiedBy }) => [
        exporter,
        site,
        tiedBy === null ? null : offsetMs,
        offsetErrorMs,
        tiedBy === null ? null : driftPpm,
        observations,
        tiedBy === null ? 'nothing: unknown' : ties[tiedBy],
      ],
    ),
    shown: 20,
    empty: '',
  };
}
