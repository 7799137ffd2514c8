/** The log of a case: every step, its time and its parameters, in a chain of hashes. */
import { Code } from '@mantine/core';
import type { CaseInfo, CaseStep } from '../../../core/model/case.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { Tag } from '../../parts/Tag.tsx';
import { formatCount, formatStamp, localTime } from '../../parts/format.ts';
import { changeExtra, useView } from '../../state/view.ts';
import { actionText, parameterText } from './step-words.ts';
import { useLog } from './use-log.ts';
import css from './cases.module.css';

const columns: readonly Column<CaseStep>[] = [
  { id: 'no', title: 'Step', width: 54, align: 'right', mono: true, cell: (step) => String(step.sequence) },
  {
    id: 'time',
    title: 'Time (UTC)',
    width: 188,
    mono: true,
    cell: (step) => <span title={localTime(step.timeMs)}>{formatStamp(step.timeMs)}</span>,
    text: (step) => formatStamp(step.timeMs),
  },
  { id: 'action', title: 'What was done', width: 160, cell: (step) => actionText(step.action) },
  {
    id: 'parameters',
    title: 'Parameters',
    width: 300,
    mono: true,
    cell: (step) => parameterText(step),
  },
  {
    id: 'hash',
    title: 'SHA-256',
    width: 120,
    mono: true,
    cell: (step) => <span title={step.hash}>{step.hash}</span>,
    text: (step) => step.hash,
  },
];

export function CaseLog({ info }: { readonly info: CaseInfo }) {
  const log = useLog(info);
  const wanted = useView((view) => Number(view.extra['step'] ?? Number.NaN));
  const { total } = log;
  if (log.error && total === undefined) return <ErrorNote error={log.error} onRetry={log.retry} />;
  if (total === undefined) return <LoadingNote lines={10} />;
  const index = wanted >= 1 && wanted <= total ? total - wanted : 0;
  return (
    <Panes
      name="cases-log"
      orientation="horizontal"
      panes={[
        {
          key: 'steps',
          size: 66,
          min: 35,
          content: (
            <Panel
              title="Log"
              flush
              tools={
                <>
                  <span>{formatCount(total)} steps, the last one first</span>
                  <span data-testid="chain">
                    {log.whole ? (
                      <Tag tone="good">chain verified</Tag>
                    ) : (
                      <Tag tone="bad">the chain is broken: steps were changed</Tag>
                    )}
                  </span>
                </>
              }
            >
              <DataTable
                name="case-log"
                label="Log"
                columns={columns}
                rows={total}
                rowAt={log.stepAt}
                onView={log.show}
                onOpen={(step) => changeExtra({ step: String(step.sequence) }, 'replace')}
                isOpen={(step) => step.sequence === total - index}
                resetKey={info.id}
              />
            </Panel>
          ),
        },
        { key: 'step', size: 34, min: 22, content: <Step step={log.stepAt(index)} /> },
      ]}
    />
  );
}

function Step({ step }: { readonly step: CaseStep | undefined }) {
  return (
    <Panel title={step ? `Step ${step.sequence}` : 'Step'} label="The chosen step" scrolls>
      {step ? (
        <>
          <h3 className={css['exhibitName']}>{actionText(step.action)}</h3>
          <Facts
            facts={[
              ['time, UTC', formatStamp(step.timeMs), localTime(step.timeMs)],
              ['action', step.action],
              ['hash', step.hash],
              ['follows', step.previous],
            ]}
          />
          <h3 className={css['section']}>Parameters</h3>
          <Code block className={css['parameters']}>
            {JSON.stringify(step.parameters, null, 2)}
          </Code>
        </>
      ) : (
        <EmptyNote title="Choose a step at the left." />
      )}
    </Panel>
  );
}
