/** The files of one import: how far each is, what it held, what was left out and why. */
import { Progress } from '@mantine/core';
import type { JobFile } from '../../../core/wire/contract-workspace.ts';
import { useFeed } from '../../link/use-feed.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { Tag } from '../../parts/Tag.tsx';
import { formatBytes, formatCount } from '../../parts/format.ts';
import { fileRemarks, outcomeTone, outcomeWords, shortName } from './file-words.ts';
import css from './sources.module.css';

const ROWS_SHOWN = 7;

const columns: readonly Column<JobFile>[] = [
  {
    id: 'name',
    title: 'File',
    width: 210,
    mono: true,
    cell: (file) => <span title={file.name}>{shortName(file.name)}</span>,
    text: (file) => file.name,
  },
  {
    id: 'state',
    title: 'State',
    width: 120,
    cell: (file) =>
      file.outcome === 'running' ? (
        <Progress
          size={5}
          value={file.bytes > 0 ? (100 * file.done) / file.bytes : 0}
          aria-label={`Progress of ${file.name}`}
        />
      ) : (
        <Tag tone={outcomeTone[file.outcome]}>{outcomeWords[file.outcome]}</Tag>
      ),
    text: (file) => outcomeWords[file.outcome],
  },
  {
    id: 'flows',
    title: 'Flows added',
    width: 110,
    align: 'right',
    mono: true,
    cell: (file) => formatCount(file.addedFlows),
  },
  {
    id: 'remarks',
    title: 'Left out, and why',
    width: 430,
    cell: (file) => {
      const remarks = fileRemarks(file);
      return <span title={remarks.join('\n')}>{remarks.join(' · ')}</span>;
    },
    text: (file) => fileRemarks(file).join('; '),
  },
  { id: 'kind', title: 'Read as', width: 110, cell: (file) => file.kind ?? '' },
  {
    id: 'bytes',
    title: 'Size',
    width: 80,
    align: 'right',
    mono: true,
    cell: (file) => formatBytes(file.bytes),
  },
];

export function ImportFiles({ job }: { readonly job: string }) {
  const { item, error } = useFeed('jobs.watch', { job });
  if (error) return <ErrorNote error={error} />;
  if (!item) return <LoadingNote lines={2} />;
  const { files } = item;
  return (
    <div
      className={css['files']}
      style={{ height: 30 + 24 * Math.min(ROWS_SHOWN, Math.max(1, files.length)) }}
    >
      <DataTable
        name="import-files"
        label="Files of this import"
        columns={columns}
        rows={files.length}
        rowAt={(index) => files[index]}
      />
    </div>
  );
}
