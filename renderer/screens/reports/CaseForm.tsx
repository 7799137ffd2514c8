/** A report on a trace that was kept in a case: the path, its evidence in words and charts, its limits, the sources' hashes. */
import { Button, Select } from '@mantine/core';
import type { CaseItem } from '../../../core/model/case.ts';
import { useCase, useCases } from '../../link/cases.ts';
import { EmptyNote, ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { changeView } from '../../state/view.ts';
import { MakeReport } from './MakeReport.tsx';
import { Paper } from './Paper.tsx';
import type { CaseChoice, ReportMaker } from './use-report.ts';
import css from './reports.module.css';

export interface CaseFormProps {
  /** Undefined before anything was chosen. */
  readonly choice: CaseChoice | undefined;
  readonly onChoice: (choice: CaseChoice) => void;
  readonly maker: ReportMaker;
}

export function CaseForm({ choice, onChoice, maker }: CaseFormProps) {
  const { cases, open, known, error, retry } = useCases();
  const id = choice?.case ?? open?.id ?? cases.at(-1)?.id;
  if (error && !known) return <ErrorNote error={error} onRetry={retry} />;
  if (!known) return <LoadingNote lines={4} />;
  if (id === undefined) return <NothingKept title="This store has no case yet." />;
  return (
    <>
      <Select
        label="Case"
        data={cases.toReversed().map((one) => ({ value: one.id, label: one.name }))}
        value={id}
        onChange={(next) =>
          next !== null && onChoice({ about: 'case', case: next, item: 0, title: '', paper: 'a4' })
        }
        allowDeselect={false}
        searchable={cases.length > 12}
      />
      <KeptTraces key={id} id={id} choice={choice} onChoice={onChoice} maker={maker} />
    </>
  );
}

function KeptTraces({ id, choice, onChoice, maker }: CaseFormProps & { readonly id: string }) {
  const { data, error, refetch } = useCase(id);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingNote lines={3} />;
  const traces = data.items.filter(({ kind, withdrawn }) => kind === 'trace' && withdrawn === null);
  const latest = traces.at(-1);
  if (!latest) return <NothingKept title="No trace is kept in this case yet." />;
  const item = traces.find((trace) => trace.id === choice?.item) ?? latest;
  const chosen: CaseChoice = {
    about: 'case',
    case: id,
    item: item.id,
    title: item.title,
    paper: choice?.paper ?? 'a4',
  };
  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault();
        onChoice(chosen);
        if (!maker.progress) maker.make(chosen);
      }}
    >
      <Select
        label="Trace"
        description="Printed as it was kept"
        data={traces.toReversed().map((trace) => ({ value: String(trace.id), label: labelOf(trace) }))}
        value={String(item.id)}
        onChange={(next) => {
          const found = traces.find((trace) => String(trace.id) === next);
          if (found) onChoice({ ...chosen, item: found.id, title: found.title });
        }}
        allowDeselect={false}
      />
      <Paper paper={chosen.paper} onPaper={(paper) => onChoice({ ...chosen, paper })} />
      <MakeReport maker={maker} />
    </form>
  );
}

const labelOf = ({ id, title }: CaseItem): string => `${id} · ${title}`;

function NothingKept({ title }: { readonly title: string }) {
  return (
    <EmptyNote title={title}>
      <p>Trace a login and keep it in a case: it can be printed here then.</p>
      <Button variant="default" onClick={() => changeView({ screen: 'trace' })}>
        Open the Trace screen
      </Button>
    </EmptyNote>
  );
}
