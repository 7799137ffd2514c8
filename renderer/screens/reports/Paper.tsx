/** A4 or Letter. */
import { SegmentedControl } from '@mantine/core';
import type { PaperSize } from '../../../core/model/report.ts';
import css from './reports.module.css';

export interface PaperProps {
  readonly paper: PaperSize;
  readonly onPaper: (paper: PaperSize) => void;
}

export function Paper({ paper, onPaper }: PaperProps) {
  return (
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
        value={paper}
        onChange={onPaper}
      />
    </div>
  );
}
