/** What a report shall be: its month, its site, its paper, its sections. */
import { Button, Checkbox, Progress, SegmentedControl, Select } from '@mantine/core';
import { IconFileText, IconX } from '@tabler/icons-react';
import { monthSections } from '../../../core/model/report.ts';
import { Panel } from '../../parts/Panel.tsx';
import type { ReportChoice, ReportMaker, ReportProgress } from './use-report.ts';
import css from './reports.module.css';

export interface ReportFormProps {
  readonly months: readonly string[];
  readonly sites: readonly string[];
  readonly choice: ReportChoice;
  readonly onChoice: (choice: ReportChoice) => void;
  readonly maker: ReportMaker;
}

export function ReportForm({ months, sites, choice, onChoice, maker }: ReportFormProps) {
  const change = (part: Partial<ReportChoice>): void => onChoice({ ...choice, ...part });
  const chosen = new Set(choice.sections);
  const { progress } = maker;
  return (
    <Panel title="Monthly report">
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault();
          if (!progress) maker.make(choice);
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
        <div>
          <div className={css['label']} id="report-paper">
            Paper
          </div>
          <SegmentedControl
            aria-labelledby="report-paper"
            data={[
              { value: 'a4', label: 'A4' },
              { value: 'letter', label: 'Letter' },
            ]}
            value={choice.paper}
            onChange={(paper) => change({ paper })}
          />
        </div>
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
        {progress ? (
          <Making progress={progress} onCancel={maker.cancel} />
        ) : (
          <Button type="submit" leftSection={<IconFileText size={15} aria-hidden />}>
            Make the report
          </Button>
        )}
      </form>
    </Panel>
  );
}

function Making({
  progress,
  onCancel,
}: {
  readonly progress: ReportProgress;
  readonly onCancel: () => void;
}) {
  const { phase, done, of } = progress;
  const drawing = phase === 'drawing';
  const percent = Math.floor((100 * done) / Math.max(1, of));
  return (
    <div className={css['making']} role="status">
      <span>{drawing ? 'Drawing the pages' : `Asking the store: ${percent} %`}</span>
      <Progress value={drawing ? 100 : percent} animated={drawing} aria-label="Progress of the report" />
      <Button variant="default" onClick={onCancel} leftSection={<IconX size={14} aria-hidden />}>
        Cancel
      </Button>
    </div>
  );
}

/** `November 2026` of `2026-11`. */
const monthName = (month: string): string =>
  new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
