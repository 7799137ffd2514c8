/** The published method's answer, with its own quantities and no others: for comparison. */
import type { CpfCandidate } from '../../../core/model/cpf-trace.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatSpan, formatStamp } from '../../parts/format.ts';
import type { TraceAsked } from '../../state/trace-question.ts';
import { connectionText } from './trace-words.ts';
import { useCpfTrace } from './use-trace.ts';
import css from './trace.module.css';

const number = { align: 'right', mono: true } as const;

const columns: readonly Column<CpfCandidate>[] = [
  {
    id: 'connection',
    title: 'From → to',
    width: 340,
    mono: true,
    cell: ({ connection }) => connectionText(connection),
  },
  { id: 'cpf', title: 'CPF', width: 70, ...number, cell: ({ cpf }) => cpf.toFixed(3) },
  {
    id: 'cv',
    title: 'CV',
    about: 'Coefficient of variation of the candidate’s durations over the target’s',
    width: 80,
    ...number,
    cell: ({ cv }) => (cv === null ? '' : cv.toFixed(3)),
  },
  { id: 'positions', title: 'Positions', width: 84, ...number, cell: ({ positions }) => positions },
  {
    id: 'opens',
    title: 'Opened before',
    width: 120,
    ...number,
    cell: ({ opensBeforeMs }) => `${opensBeforeMs < 0 ? '−' : ''}${formatSpan(Math.abs(opensBeforeMs))}`,
  },
  {
    id: 'verdict',
    title: 'Verdict',
    width: 120,
    cell: ({ verdict }) => (verdict === 'same-chain' ? '● same chain' : '○ unrelated'),
  },
];

export function CpfAnswer({ asked }: { readonly asked: TraceAsked }) {
  const { data, error } = useCpfTrace(asked);
  if (error) return <ErrorNote error={error} />;
  if (!data) return <LoadingNote lines={10} />;
  const { chain, candidates, notes, threshold, compared } = data;
  return (
    <div className={css['cpf']}>
      <Panel
        title="Chain by the published method"
        tools={<span>ON and OFF times in turn, CPF above {threshold}: for comparison, not as evidence</span>}
      >
        <ol className={css['chain']}>
          {chain.map((view) => (
            <li key={connectionText(view) + view.startMs}>
              <span className="mono">{connectionText(view)}</span>{' '}
              <span className="dim">opened {formatStamp(view.startMs)} UTC</span>
            </li>
          ))}
        </ol>
        {chain.length <= 1 && <p>The method names no connection beside the target.</p>}
        <ul className={css['notes']}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </Panel>
      <Panel title="Candidates by CPF" flush tools={<span>{compared} compared</span>}>
        {candidates.length === 0 ? (
          <EmptyNote title="No other connection lived at the target’s time." />
        ) : (
          <DataTable
            name="trace-cpf"
            label="Candidates by CPF"
            columns={columns}
            rows={candidates.length}
            rowAt={(index) => candidates[index]}
          />
        )}
      </Panel>
    </div>
  );
}
