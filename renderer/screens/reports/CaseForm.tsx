/** A report on a whole case, or on one trace as it was kept in it. */
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
  if (id === undefined) return <NoCase />;
  return (
    <>
      <Select
        label="Case"
        data={cases.toReversed().map((one) => ({ value: one.id, label: one.name }))}
        value={id}
        onChange={(next) =>
          next !== null && onChoice({ about: 'case', case: next, item: null, title: '', paper: 'a4' })
        }
        allowDeselect={false}
        searchable={cases.length > 12}
      />
      <PartOfCase key={id} id={id} choice={choice} onChoice={onChoice} maker={maker} />
    </>
  );
}

function PartOfCase({ id, choice, onChoice, maker }: CaseFormProps & { readonly id: string }) {
  const { data, error, refetch } = useCase(id);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingNote lines={3} />;
  const traces = data.items.filter(({ kind, withdrawn }) => kind === 'trace' && withdrawn === null);
  const item = traces.find((trace) => trace.id === choice?.item);
  const chosen: CaseChoice = {
    about: 'case',
    case: id,
    item: item?.id ?? null,
    title: item?.title ?? data.case.name,
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
        label="What to print"
        description={item ? 'The trace as it was kept' : 'What was kept, with the log of every step'}
        data={[
          { value: WHOLE, label: 'The whole case' },
          ...traces.toReversed().map((trace) => ({ value: String(trace.id), label: labelOf(trace) })),
        ]}
        value={item ? String(item.id) : WHOLE}
        onChange={(next) => {
          const found = traces.find((trace) => String(trace.id) === next);
          onChoice({ ...chosen, item: found?.id ?? null, title: found?.title ?? data.case.name });
        }}
        allowDeselect={false}
      />
      <Paper paper={chosen.paper} onPaper={(paper) => onChoice({ ...chosen, paper })} />
      <MakeReport maker={maker} />
    </form>
  );
}

/** No exhibit has this number. */
const WHOLE = 'whole';

const labelOf = ({ id, title }: CaseItem): string => `Trace ${id} · ${title}`;

function NoCase() {
  return (
    <EmptyNote title="This store has no case yet.">
      <p>Trace a login and keep it in a case: both can be printed here then.</p>
      <Button variant="default" onClick={() => changeView({ screen: 'trace' })}>
        Open the Trace screen
      </Button>
    </EmptyNote>
  );
}
