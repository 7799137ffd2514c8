/**
 * The whole result as a file: the core writes it, the browser keeps it. The file is evidence: it holds every exporter's
 * record of a flow that the table counts once.
 */
import { Menu, UnstyledButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { FlowSelection } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { formatBytes, formatCount } from '../../parts/format.ts';
import { showDone, showError, showNote } from '../../parts/notify.ts';
import { fetchDownload } from '../../parts/save.ts';
import css from './explore.module.css';

const formats = [
  { format: 'csv', title: 'CSV', elements: false },
  { format: 'jsonl', title: 'JSON lines, with every element', elements: true },
  { format: 'parquet', title: 'Parquet, with every element', elements: true },
] as const;

export interface ExportMenuProps {
  readonly selection: FlowSelection;
  readonly disabled: boolean;
}

interface ExportSummary {
  readonly flows: number;
  readonly bytes: number;
  readonly damages: readonly string[];
  readonly notes: readonly string[];
}

/** What is in the file, and what to know of it: that stays until it was read. */
function showExported(fileName: string, { flows, bytes, damages, notes }: ExportSummary): void {
  showDone(
    `${fileName}: ${formatCount(flows)} ${flows === 1 ? 'record' : 'records'}, ${formatBytes(bytes)}.`,
  );
  for (const note of notes) showNote(note);
  for (const damage of damages) showError(new Error(damage));
}

export function ExportMenu({ selection, disabled }: ExportMenuProps) {
  const write = async (choice: (typeof formats)[number]) => {
    try {
      const { format, elements } = choice;
      const offer = await core.call('export.flows', { ...selection, format, elements });
      fetchDownload(offer.path, offer.fileName);
      const { summary } = await core.call('export.result', { export: offer.export });
      if (summary) showExported(offer.fileName, summary);
    } catch (cause) {
      showError(cause);
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={css['tool']} disabled={disabled}>
          <IconDownload size={14} aria-hidden /> Export
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Every record of this result, each exporter’s by itself</Menu.Label>
        {formats.map((choice) => (
          <Menu.Item key={choice.format} onClick={() => void write(choice)}>
            {choice.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
