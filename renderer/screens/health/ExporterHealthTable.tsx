/** Each exporter as a witness: what it sent, what was lost of it, how its clock runs. */
import { IconAlertTriangle } from '@tabler/icons-react';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatCount, formatRange, formatSpan, formatStamp } from '../../parts/format.ts';
import { lossOf, lossUnit, type ExporterState, type Health } from './use-health.ts';
import { samplingOf } from './Verdicts.tsx';
import css from './health.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

const number = { align: 'right', mono: true } as const;

/** Counted by a collector alone. */
const heard = (state: ExporterState, value: number | undefined) =>
  state.account ? formatCount(value ?? 0) : <span className="dim">–</span>;

const columns: readonly Column<ExporterState>[] = [
  {
    id: 'address',
    title: 'Exporter',
    width: 168,
    mono: true,
    cell: ({ address, port }) =>
      address === '' ? 'not told by the file' : port === null ? address : formatEndpoint(address, port),
    text: ({ address }) => address,
  },
  {
    id: 'site',
    title: 'Site',
    width: 116,
    cell: ({ site, siteNamed }) => (siteNamed ? site : <span className="dim">its own</span>),
  },
  { id: 'domain', title: 'Domain', width: 64, ...number, cell: ({ domain }) => domain },
  {
    id: 'version',
    title: 'Kind',
    width: 76,
    cell: ({ account }) => (account ? versionName(account.version) : <span className="dim">archive</span>),
  },
  {
    id: 'flows',
    title: 'Flows',
    about: 'Heard by the collector, or stored of the time that is chosen',
    width: 88,
    ...number,
    cell: ({ account, stored, isReading }) =>
      isReading ? <span className="dim">…</span> : formatCount(account?.flows ?? stored?.flows ?? 0),
  },
  {
    id: 'rate',
    title: 'Flows/s',
    width: 74,
    ...number,
    cell: ({ flowsPerSecond }) =>
      flowsPerSecond === null ? <span className="dim">–</span> : formatCount(Math.round(flowsPerSecond)),
  },
  {
    id: 'loss',
    title: 'Lost',
    about: 'What the sequence numbers miss, and its share of what was sent',
    width: 148,
    ...number,
    cell: (state) => <LossCell state={state} />,
    text: (state) => String(lossOf(state)?.lost ?? ''),
  },
  {
    id: 'clock',
    title: 'Clock',
    about: 'How far its clock runs ahead; corrected in every trace',
    width: 96,
    ...number,
    cell: (state) => clockText(state.account?.clockOffsetMs ?? state.stored?.clockOffsetMs ?? null),
  },
  {
    id: 'drift',
    title: 'Drift ppm',
    width: 82,
    ...number,
    cell: (state) => {
      const drift = state.account?.clockDriftPpm ?? state.stored?.clockDriftPpm ?? null;
      return drift === null ? <span className="dim">–</span> : drift.toFixed(1);
    },
  },
  {
    id: 'sampling',
    title: 'Sampling',
    width: 82,
    ...number,
    cell: (state) => {
      if (samplingOf(state) > 1) return `1 in ${formatCount(samplingOf(state))}`;
      return state.isReading ? <span className="dim">…</span> : 'all';
    },
  },
  {
    id: 'waits',
    title: 'No template',
    about: 'Sets that waited for their template, and were kept or dropped',
    width: 96,
    ...number,
    cell: (state) => heard(state, state.account?.templateWaits),
  },
  {
    id: 'duplicates',
    title: 'Repeats',
    about: 'Datagrams that came twice',
    width: 66,
    ...number,
    cell: (state) => heard(state, state.account?.duplicates),
  },
  {
    id: 'reordered',
    title: 'Reordered',
    width: 86,
    ...number,
    cell: (state) => heard(state, state.account?.reordered),
  },
  {
    id: 'restarts',
    title: 'Restarts',
    width: 76,
    ...number,
    cell: (state) => heard(state, state.account?.restarts),
  },
  {
    id: 'issues',
    title: 'Issues',
    about: 'Faults in its datagrams',
    width: 68,
    ...number,
    cell: (state) => heard(state, state.account?.issues),
  },
  {
    id: 'last',
    title: 'Last heard (UTC)',
    width: 160,
    mono: true,
    cell: ({ account }) =>
      account ? formatStamp(account.lastReceivedMs).slice(0, 19) : <span className="dim">–</span>,
    text: ({ account }) => (account ? formatStamp(account.lastReceivedMs) : ''),
  },
];

export function ExporterHealthTable({ health }: { readonly health: Health }) {
  const { exporters, range, error, isLoading, retry, notes } = health;
  return (
    <Panel
      title="Exporters as witnesses"
      flush
      tools={
        <span className="truncate">
          {range ? `stored flows of ${formatRange(range.from, range.to)} UTC` : 'all stored flows'}
          {notes.map((note) => ` · ${note}`)}
        </span>
      }
    >
      {error && exporters.length === 0 ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : exporters.length === 0 ? (
        isLoading ? (
          <LoadingNote lines={4} />
        ) : (
          <EmptyNote title="No exporter is known yet.">
            Start a collector or import files on Sources: loss, clocks and sampling are shown here.
          </EmptyNote>
        )
      ) : (
        <DataTable
          name="health-exporters"
          label="Exporters as witnesses"
          columns={columns}
          rows={exporters.length}
          rowAt={(index) => exporters[index]}
        />
      )}
    </Panel>
  );
}

function LossCell({ state }: { readonly state: ExporterState }) {
  const loss = lossOf(state);
  if (state.isReading) return <span className="dim">being read</span>;
  if (!state.account && !state.stored) {
    return (
      <span className="dim" title="No stored flow of the time that is chosen was read of it.">
        not read
      </span>
    );
  }
  if (!loss) {
    return (
      <span className="dim" title="The archive keeps no datagram headers: loss cannot be told from silence.">
        cannot be told
      </span>
    );
  }
  if (loss.lost === 0) return <>none</>;
  return (
    <span
      className={css['bad']}
      title={`${formatCount(loss.lost)} ${lossUnit(state.account?.version)} are missing`}
    >
      <IconAlertTriangle size={12} aria-hidden /> {formatCount(loss.lost)} · {(loss.share * 100).toFixed(2)} %
    </span>
  );
}

const clockText = (ms: number | null) =>
  ms === null ? <span className="dim">–</span> : `${ms < 0 ? '−' : '+'}${formatSpan(Math.abs(ms))}`;

const versionName = (version: number): string =>
  version === 10 ? 'IPFIX' : version > 100 ? 'sFlow' : `NetFlow ${version}`;
