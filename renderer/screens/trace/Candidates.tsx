/** Who else was compared with the target, and what came of it. */
import { useMemo, useState } from 'react';
import type { Candidate, ConnectionView } from '../../../core/model/trace-result.ts';
import { ColumnMenu } from '../../parts/ColumnMenu.tsx';
import { DataTable, type Column, type SortOrder } from '../../parts/DataTable.tsx';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { EmptyNote, Panel } from '../../parts/Panel.tsx';
import { changeExtra } from '../../state/view.ts';
import {
  connectionText,
  eText,
  keyOf,
  lagText,
  natsText,
  placeText,
  verdictMeaning,
  verdictWords,
} from './trace-words.ts';
import css from './trace.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

const NAME = 'trace-candidates';

export interface CandidatesProps {
  readonly candidates: readonly Candidate[];
  /** The key of the one whose fingerprint is shown. */
  readonly chosen: string | undefined;
}

/** Told by their form as well as by their colour. */
const marks: Readonly<Record<Candidate['verdict'], string>> = {
  path: '●',
  twin: '◆',
  related: '◐',
  indistinguishable: '≈',
  unrelated: '○',
  insufficient: '?',
};

export function Candidates({ candidates, chosen }: CandidatesProps) {
  const [sort, setSort] = useState<SortOrder>({ column: 'rank', descending: false });
  const rows = useMemo(() => sortCandidates(candidates, sort), [candidates, sort]);
  const open = (candidate: Candidate, why: boolean) =>
    changeExtra({ pair: keyOf(candidate.connection), why: why ? '1' : undefined });
  return (
    <Panel
      title="Candidates"
      flush
      tools={
        <>
          <span className="truncate">{rows.length} compared</span>
          <ColumnMenu name={NAME} columns={columns} />
          <span className={css['keys']}>
            <KeyHint keys={['Enter']} /> compare <KeyHint keys={['w']} /> why
          </span>
        </>
      }
    >
      {rows.length === 0 ? (
        <EmptyNote title="No other connection could be compared.">
          None lived at the target’s time and fell silent often enough.
        </EmptyNote>
      ) : (
        <DataTable
          name={NAME}
          label="Candidates"
          columns={columns}
          rows={rows.length}
          rowAt={(index) => rows[index]?.candidate}
          rowHeight={38}
          onOpen={(candidate) => open(candidate, false)}
          isOpen={(candidate) => keyOf(candidate.connection) === chosen}
          onKey={(key, candidate) => key === 'w' && open(candidate, true)}
          sort={sort}
          onSort={setSort}
          resetKey={JSON.stringify(sort)}
        />
      )}
    </Panel>
  );
}

interface Ranked {
  readonly rank: number;
  readonly candidate: Candidate;
}

const orders: Readonly<Record<string, (a: Ranked, b: Ranked) => number>> = {
  rank: (a, b) => a.rank - b.rank,
  cpf: (a, b) => a.candidate.cpf - b.candidate.cpf,
  nats: (a, b) => a.candidate.scoreNats - b.candidate.scoreNats,
  e: (a, b) => a.candidate.eValue - b.candidate.eValue,
  lag: (a, b) => Math.abs(a.candidate.lagMs) - Math.abs(b.candidate.lagMs),
  verdict: (a, b) => a.candidate.verdict.localeCompare(b.candidate.verdict),
};

function sortCandidates(candidates: readonly Candidate[], sort: SortOrder): readonly Ranked[] {
  const ranked = candidates.map((candidate, rank) => ({ candidate, rank }));
  const order = orders[sort.column] ?? orders['rank'];
  if (order) ranked.sort((a, b) => (sort.descending ? -1 : 1) * order(a, b) || a.rank - b.rank);
  return ranked;
}

const number = { align: 'right', mono: true, sortable: true } as const;

const columns: readonly Column<Candidate>[] = [
  {
    id: 'connection',
    title: 'From → to',
    width: 150,
    mono: true,
    cell: ({ connection }) => <TwoLines connection={connection} />,
    text: ({ connection }) => connectionText(connection),
  },
  {
    id: 'verdict',
    title: 'Verdict',
    width: 98,
    sortable: true,
    cell: (candidate) => <VerdictMark candidate={candidate} />,
    text: ({ verdict }) => verdictWords[verdict],
  },
  {
    id: 'nats',
    title: 'nats',
    about: 'Score: natural logarithm of how much better than chance the silences agree',
    width: 54,
    ...number,
    cell: ({ scoreNats }) => natsText(scoreNats),
  },
  {
    id: 'e',
    title: 'E',
    about:
      'False candidates to be expected with such a score; the larger of the model’s and the surrogates’ figure',
    width: 60,
    ...number,
    cell: (candidate) => (
      <span title={eHover(candidate)}>{candidate.eValue === 0 ? '' : eText(candidate.eValue)}</span>
    ),
    text: ({ eValue }) => eText(eValue),
  },
  {
    id: 'eModel',
    title: 'E model',
    about: 'False candidates to be expected by the model alone',
    width: 70,
    hidden: true,
    align: 'right',
    mono: true,
    cell: ({ eValueModel }) => eText(eValueModel),
  },
  {
    id: 'eSurrogate',
    title: 'E counted',
    about: 'Counted on time-shifted copies of the same data; empty where they are too few to say',
    width: 76,
    hidden: true,
    align: 'right',
    mono: true,
    cell: ({ eValueSurrogate }) => (eValueSurrogate === null ? '' : eText(eValueSurrogate)),
  },
  {
    id: 'lag',
    title: 'Lag s',
    about: 'From the target’s time to the candidate’s',
    width: 66,
    ...number,
    cell: ({ lagMs }) => lagText(lagMs),
  },
  {
    id: 'cpf',
    title: 'CPF',
    about: 'Correlation point function of the published method, for comparison: it decides nothing here',
    width: 48,
    ...number,
    cell: ({ cpf }) => cpf.toFixed(2),
  },
];

const eHover = ({ eValueModel, eValueSurrogate }: Candidate): string =>
  `by the model ${eText(eValueModel)}; by time-shifted surrogates ${eValueSurrogate === null ? 'too few to say' : eText(eValueSurrogate)}`;

function TwoLines({ connection }: { readonly connection: ConnectionView }) {
  const { source, sourcePort, sourceSite, destination, destinationPort, destinationSite } = connection;
  return (
    <span
      className={css['twoLines']}
      title={`${placeText(source, sourceSite)} → ${placeText(destination, destinationSite)}`}
    >
      {formatEndpoint(source, sourcePort)}
      <br />
      <span className="dim">→ {formatEndpoint(destination, destinationPort)}</span>
    </span>
  );
}

function VerdictMark({ candidate: { verdict, refusal } }: { readonly candidate: Candidate }) {
  return (
    <span className={css['verdict']} data-verdict={verdict} title={refusal ?? verdictMeaning[verdict]}>
      <span aria-hidden>{marks[verdict]}</span> {verdictWords[verdict]}
    </span>
  );
}
