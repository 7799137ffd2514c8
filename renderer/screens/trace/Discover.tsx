/** Stepping stones that nobody reported: logins whose silences are carried by other logins, over the time that is chosen. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { epochMs } from '../../../core/model/time.ts';
import type { SteppingStone } from '../../../core/model/trace-discovery.ts';
import { core } from '../../link/core.ts';
import { useStoredRange, useWorkspace } from '../../link/workspace.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { NoFlows } from '../../parts/NoFlows.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatClock, formatCount, formatRange } from '../../parts/format.ts';
import { openTrace } from '../../state/trace-question.ts';
import { changeExtra, useView } from '../../state/view.ts';
import { connectionText, eText, lagText, natsText, placeText } from './trace-words.ts';
import css from './trace.module.css';

const LIMIT = 500;
const number = { align: 'right', mono: true } as const;

const columns: readonly Column<SteppingStone>[] = [
  {
    id: 'host',
    title: 'Stepping stone',
    width: 150,
    mono: true,
    cell: ({ host, hostSite }) =>
      host === undefined ? '◌ inferred, unseen' : `● ${placeText(host, hostSite)}`,
  },
  {
    id: 'upstream',
    title: 'Login that entered',
    width: 300,
    mono: true,
    cell: ({ upstream }) => connectionText(upstream),
  },
  {
    id: 'downstream',
    title: 'Login that left',
    width: 300,
    mono: true,
    cell: ({ downstream }) => connectionText(downstream),
  },
  {
    id: 'start',
    title: 'Left at',
    about: 'When the login that left was opened, UTC',
    width: 84,
    mono: true,
    cell: ({ downstream }) => formatClock(downstream.startMs).slice(0, 8),
  },
  { id: 'nats', title: 'nats', width: 60, ...number, cell: ({ scoreNats }) => natsText(scoreNats) },
  {
    id: 'e',
    title: 'E',
    about: 'False findings to be expected among all pairs that score as much or more',
    width: 74,
    ...number,
    cell: ({ eValue }) => eText(eValue),
  },
  { id: 'cpf', title: 'CPF', width: 56, ...number, cell: ({ cpf }) => cpf.toFixed(2) },
  { id: 'lag', title: 'Lag s', width: 78, ...number, cell: ({ lagMs }) => lagText(lagMs) },
  {
    id: 'matched',
    title: 'Boundaries',
    width: 88,
    ...number,
    cell: ({ matched, boundaries }) => `${matched} / ${boundaries}`,
  },
];

export function Discover() {
  const range = useView((view) => view.range);
  const wanted = useView((view) => view.extra['sought']);
  const stored = useStoredRange();
  const revision = useWorkspace((workspace) => workspace.revision);
  const key = range ? `${range.from}-${range.to}` : 'all';
  const { data, error, refetch } = useQuery({
    queryKey: ['trace.discover', key],
    enabled: wanted === key && revision !== undefined,
    queryFn: async ({ signal }) =>
      core.call(
        'trace.discover',
        { limit: LIMIT, ...(range ? { from: epochMs(range.from), to: epochMs(range.to) } : {}) },
        { signal },
      ),
  });
  const shown = range ?? stored;
  const when = shown ? `${formatRange(shown.from, shown.to)} UTC` : '';
  if (stored === null) return <NoFlows>Logins that carry other logins are found among stored flows.</NoFlows>;
  if (wanted !== key) {
    return (
      <EmptyNote title="Which logins carry other logins?">
        <p>
          Every login of the time that is chosen is compared with the logins that left the host it entered,
          and with those that share its rarest silences: {when}.
        </p>
        <Button color="amber" onClick={() => changeExtra({ sought: key })}>
          Look for stepping stones
        </Button>
      </EmptyNote>
    );
  }
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <div className={css['running']}>
        <p role="status">Comparing all logins of {when} …</p>
        <LoadingNote lines={9} />
        <Button variant="default" onClick={() => changeExtra({ sought: undefined })}>
          Cancel
        </Button>
      </div>
    );
  }
  return (
    <div className={css['discover']}>
      <Panel
        title="Stepping stones that nobody reported"
        flush
        tools={
          <>
            <span data-testid="discovery">
              <b>{formatCount(data.total)}</b> found, {eText(data.expectedFalse)} false ones to be expected ·{' '}
              {formatCount(data.comparable)} logins of {formatCount(data.connections)} connections could be
              compared
            </span>
            <span className={css['keys']}>
              <KeyHint keys={['Enter']} /> trace
            </span>
          </>
        }
      >
        {data.found.length === 0 ? (
          <EmptyNote title="No login was found to carry another.">
            Logins with too few silences cannot be compared: nothing found is not proof of nothing.
          </EmptyNote>
        ) : (
          <DataTable
            name="stepping-stones"
            label="Stepping stones"
            columns={columns}
            rows={data.found.length}
            rowAt={(index) => data.found[index]}
            onOpen={traceStone}
          />
        )}
      </Panel>
      <ul className={css['notes']}>
        {data.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

/** From the login that left, back. */
function traceStone({ downstream }: SteppingStone): void {
  const { source, sourcePort, destination, destinationPort, destinationSite, startMs, endMs } = downstream;
  openTrace({
    victim: { address: destination, port: destinationPort },
    from: { address: source, port: sourcePort },
    atMs: Math.round((startMs + endMs) / 2),
    site: destinationSite,
  });
}
