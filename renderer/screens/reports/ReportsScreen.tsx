/** A month or a case on paper: chosen, made, looked at, saved. */
import { useState } from 'react';
import { monthSections } from '../../../core/model/report.ts';
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { NoFlows } from '../../parts/NoFlows.tsx';
import { ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { useView } from '../../state/view.ts';
import { ReportForm } from './ReportForm.tsx';
import { ReportPreview } from './ReportPreview.tsx';
import { useReport, type CaseChoice, type MonthChoice } from './use-report.ts';
import css from './reports.module.css';

export function ReportsScreen() {
  const hasStore = useWorkspace(({ revision }) => revision !== undefined);
  const isCase = useView((view) => view.extra['about'] === 'case');
  const { data, error, retry } = useCall('report.months', {});
  const [wanted, setWanted] = useState<Partial<MonthChoice>>({});
  const [ofCase, setOfCase] = useState<CaseChoice>();
  const maker = useReport();
  const months = data?.months ?? [];
  const [latest] = months;
  if (!hasStore || latest === undefined) {
    return (
      <div className={css['alone']}>
        <Panel title="Reports">
          {error ? (
            <ErrorNote error={error} onRetry={retry} />
          ) : hasStore && !data ? (
            <LoadingNote />
          ) : (
            <NoFlows title="There is nothing to report yet.">
              A report says what the exporters saw in a month, or how a login was traced.
            </NoFlows>
          )}
        </Panel>
      </div>
    );
  }
  const month: MonthChoice = {
    about: 'month',
    month: latest,
    site: '',
    paper: 'a4',
    sections: monthSections.map(({ id }) => id),
    ...wanted,
  };
  const choice = isCase ? ofCase : month;
  return (
    <div className={css['screen']}>
      <ReportForm
        months={months}
        sites={data?.sites ?? []}
        month={month}
        choice={choice}
        isCase={isCase}
        onChoice={(next) => (next.about === 'case' ? setOfCase(next) : setWanted(next))}
        maker={maker}
      />
      <ReportPreview maker={maker} choice={choice} />
    </div>
  );
}
