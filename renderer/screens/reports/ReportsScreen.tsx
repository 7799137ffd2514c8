/** A month on paper: chosen, made, looked at, saved. */
import { useState } from 'react';
import { monthSections } from '../../../core/model/report.ts';
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { NoFlows } from '../../parts/NoFlows.tsx';
import { ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { ReportForm } from './ReportForm.tsx';
import { ReportPreview } from './ReportPreview.tsx';
import { useReport, type ReportChoice } from './use-report.ts';
import css from './reports.module.css';

export function ReportsScreen() {
  const hasStore = useWorkspace(({ revision }) => revision !== undefined);
  const { data, error, retry } = useCall('report.months', {});
  const [wanted, setWanted] = useState<Partial<ReportChoice>>({});
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
              A report says what the exporters saw in a month.
            </NoFlows>
          )}
        </Panel>
      </div>
    );
  }
  const choice: ReportChoice = {
    month: latest,
    site: '',
    paper: 'a4',
    sections: monthSections.map(({ id }) => id),
    ...wanted,
  };
  return (
    <div className={css['screen']}>
      <ReportForm
        months={months}
        sites={data?.sites ?? []}
        choice={choice}
        onChoice={setWanted}
        maker={maker}
      />
      <ReportPreview maker={maker} choice={choice} />
    </div>
  );
}
