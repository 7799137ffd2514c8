/** Writes the whole result into a file, with progress, and can be stopped. */
import { Menu, Progress, UnstyledButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { FlowListQuestion } from '../../../core/model/query.ts';
import { isQuiet } from '../../parts/errors.ts';
import { showDone, showError } from '../../parts/notify.ts';
import { formatCount } from '../../parts/format.ts';
import { exportFlows, type ExportFormat } from './export-flows.ts';
import css from './explore.module.css';

export interface ExportMenuProps {
  readonly question: FlowListQuestion;
  readonly disabled: boolean;
}

interface Running {
  readonly share: number;
  readonly stop: () => void;
}

export function ExportMenu({ question, disabled }: ExportMenuProps) {
  const [running, setRunning] = useState<Running>();
  const write = async (format: ExportFormat) => {
    const control = new AbortController();
    const stop = () => control.abort();
    setRunning({ share: 0, stop });
    try {
      let written = 0;
      const blob = await exportFlows(question, format, {
        signal: control.signal,
        onProgress(rows, total) {
          written = rows;
          setRunning({ share: rows / total, stop });
        },
      });
      save(blob, `flows.${format}`);
      showDone(`${formatCount(written)} flows are in flows.${format}.`);
    } catch (cause) {
      if (!isQuiet(cause)) showError(cause);
    } finally {
      setRunning(undefined);
    }
  };
  if (running) {
    return (
      <span className={css['tool']}>
        <Progress w={70} size={4} value={running.share * 100} aria-label="Export" />
        <UnstyledButton fz={12} c="blue" onClick={running.stop}>
          cancel
        </UnstyledButton>
      </span>
    );
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={css['tool']} disabled={disabled}>
          <IconDownload size={14} aria-hidden /> Export
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All rows of this result</Menu.Label>
        <Menu.Item onClick={() => void write('csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => void write('jsonl')}>JSON lines</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
