/** Makes the report; while it is made, how far it is and the way out. */
import { Button, Progress } from '@mantine/core';
import { IconFileText, IconX } from '@tabler/icons-react';
import type { ReportMaker } from './use-report.ts';
import css from './reports.module.css';

export function MakeReport({ maker }: { readonly maker: ReportMaker }) {
  const { progress } = maker;
  if (!progress) {
    return (
      <Button type="submit" leftSection={<IconFileText size={15} aria-hidden />}>
        Make the report
      </Button>
    );
  }
  const { phase, done, of } = progress;
  const drawing = phase === 'drawing';
  const percent = Math.floor((100 * done) / Math.max(1, of));
  return (
    <div className={css['making']} role="status">
      <span>{drawing ? 'Drawing the pages' : `Asking the store: ${percent} %`}</span>
      <Progress value={drawing ? 100 : percent} animated={drawing} aria-label="Progress of the report" />
      <Button variant="default" onClick={maker.cancel} leftSection={<IconX size={14} aria-hidden />}>
        Cancel
      </Button>
    </div>
  );
}
