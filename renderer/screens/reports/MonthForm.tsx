/** A report on a month: which one, of which site, on which paper, with which sections. */
import { Checkbox, Select } from '@mantine/core';
import { monthSections } from '../../../core/model/report.ts';
import { MakeReport } from './MakeReport.tsx';
import { Paper } from './Paper.tsx';
import type { MonthChoice, ReportMaker } from './use-report.ts';
import css from './reports.module.css';

export interface MonthFormProps {
  readonly months: readonly string[];
  readonly sites: readonly string[];
  readonly choice: MonthChoice;
  readonly onChoice: (choice: MonthChoice) => void;
  readonly maker: ReportMaker;
}

export function MonthForm({ months, sites, choice, onChoice, maker }: MonthFormProps) {
  const change = (part: Partial<MonthChoice>): void => onChoice({ ...choice, ...part });
  const chosen = new Set(choice.sections);
  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (!maker.progress) maker.make(choice);
      }}
    >
      <Select
        label="Month"
        description="Of those that have flows, in UTC"
        data={months.map((month) => ({ value: month, label: monthName(month) }))}
        value={choice.month}
        onChange={(month) => month !== null && change({ month })}
        allowDeselect={false}
        searchable={months.length > 12}
      />
      <Select
        label="Site"
        data={[{ value: '', label: 'All sites' }, ...sites.map((site) => ({ value: site, label: site }))]}
        value={choice.site}
        onChange={(site) => change({ site: site ?? '' })}
        allowDeselect={false}
      />
      <Paper paper={choice.paper} onPaper={(paper) => change({ paper })} />
      <fieldset className={css['sections']}>
        <legend className={css['label']}>Sections</legend>
        {monthSections.map(({ id, title }) => (
          <Checkbox
            key={id}
            label={title}
            checked={chosen.has(id)}
            onChange={({ currentTarget: { checked } }) =>
              change({
                sections: monthSections
                  .map((section) => section.id)
                  .filter((one) => (one === id ? checked : chosen.has(one))),
              })
            }
          />
        ))}
      </fieldset>
      <MakeReport maker={maker} />
      <p className={css['aside']}>
        For a report on the first of each month into a folder: <code>backtrail serve --reports FOLDER</code>
      </p>
    </form>
  );
}

/** `November 2026` of `2026-11`. */
const monthName = (month: string): string =>
  new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
