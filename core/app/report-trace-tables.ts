/** Tables of a trace: candidates, clocks. */
import type { ReportTable } from '../model/report.ts';
import type { ConnectionView, ExporterClock, TraceResult, Verdict } from '../model/trace-result.ts';

const verdicts: Readonly<Record<Verdict, string>> = {
  path: 'on the path',
  twin: 'same login, other side of a NAT',
  related: 'agrees, on another path',
  indistinguishable: 'a rhythm: cannot be told',
  unrelated: 'unrelated',
  insufficient: 'too few silences to tell',
};

export function endpointText(view: ConnectionView, side: 'source' | 'destination'): string {
  const [address, port, site] = [view[side], view[`${side}Port`], view[`${side}Site`]];
  const text = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return site === undefined ? text : `${text} at ${site}`;
}

/** Both ends without their sites, for a narrow place. */
export function shortText({ sourceSite: _, destinationSite: __, ...view }: ConnectionView): string {
  return `${endpointText(view, 'source')} -> ${endpointText(view, 'destination')}`;
}

export function candidateTable({ candidates }: TraceResult): ReportTable {
  return {
    name: 'candidates',
    title: 'Other logins that were compared with the one in question, best first',
    columns: [
      { key: 'source', title: 'From', kind: 'address', weight: 2.1 },
      { key: 'destination', title: 'To', kind: 'address', weight: 2.1 },
      { key: 'scoreNats', title: 'Nats', kind: 'number', weight: 0.7 },
      { key: 'eValue', title: 'E-value', kind: 'number', weight: 0.8 },
      { key: 'cpf', title: 'CPF', kind: 'number', weight: 0.6 },
      { key: 'lagMs', title: 'Lag', kind: 'milliseconds', weight: 0.8 },
      { key: 'matched', title: 'Matched', kind: 'count', weight: 0.8 },
      { key: 'verdict', title: 'Verdict', kind: 'text', weight: 1.6 },
    ],
    rows: candidates.map(({ connection, scoreNats, eValue, cpf, lagMs, matched, verdict, refusal }) => [
      endpointText(connection, 'source'),
      endpointText(connection, 'destination'),
      ...(refusal === null ? [scoreNats, eValue, cpf, lagMs, matched] : [null, null, cpf, null, null]),
      verdicts[verdict],
    ]),
    shown: 20,
    empty: 'No other connection can be compared with it.',
  };
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
    rows: clocks.map(({ exporter, site, offsetMs, offsetErrorMs, driftPpm, observations, tiedBy }) => [
      exporter,
      site,
      tiedBy === null ? null : offsetMs,
      offsetErrorMs,
      tiedBy === null ? null : driftPpm,
      observations,
      tiedBy === null ? 'nothing: unknown' : ties[tiedBy],
    ]),
    shown: 20,
    empty: '',
  };
}
