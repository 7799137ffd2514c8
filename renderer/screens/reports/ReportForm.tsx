/** What a report shall be about: a month, or a case. */
import { SegmentedControl } from '@mantine/core';
import { Panel } from '../../parts/Panel.tsx';
import { changeExtra } from '../../state/view.ts';
import { CaseForm } from './CaseForm.tsx';
import { MonthForm } from './MonthForm.tsx';
import type { MonthChoice, ReportChoice, ReportMaker } from './use-report.ts';
import css from './reports.module.css';

export interface ReportFormProps {
  readonly months: readonly string[];
  readonly sites: readonly string[];
  readonly month: MonthChoice;
  /** Undefined where nothing was chosen of a case yet. */
  readonly choice: ReportChoice | undefined;
  readonly isCase: boolean;
  readonly onChoice: (choice: ReportChoice) => void;
  readonly maker: ReportMaker;
}

export function ReportForm({ months, sites, month, choice, isCase, onChoice, maker }: ReportFormProps) {
  return (
    <Panel title="Report">
      <div className={css['form']}>
        <SegmentedControl
          fullWidth
          aria-label="What the report is about"
          data={[
            { value: 'month', label: 'Month' },
            { value: 'case', label: 'Case' },
          ]}
          value={isCase ? 'case' : 'month'}
          onChange={(about) => changeExtra({ about: about === 'case' ? about : undefined })}
        />
        {isCase ? (
          <CaseForm
            choice={choice?.about === 'case' ? choice : undefined}
            onChoice={onChoice}
            maker={maker}
          />
        ) : (
          <MonthForm months={months} sites={sites} choice={month} onChoice={onChoice} maker={maker} />
        )}
      </div>
    </Panel>
  );
}
