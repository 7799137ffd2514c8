/** Imports on their way and the last that ended, each with its files. */
import { Button, Progress, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { Job } from '../../../core/wire/contract-workspace.ts';
import { core } from '../../link/core.ts';
import { useUploads } from '../../link/uploads.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { Panel } from '../../parts/Panel.tsx';
import { Tag, type Tone } from '../../parts/Tag.tsx';
import { formatBytes, formatCount, formatShort, formatSpan } from '../../parts/format.ts';
import { showError } from '../../parts/notify.ts';
import { ImportFiles } from './ImportFiles.tsx';
import css from './sources.module.css';

const SHOWN_JOBS = 5;

export function Imports() {
  const jobs = useWorkspace((workspace) => workspace.status?.jobs) ?? [];
  const uploads = useUploads((state) => state.uploads);
  const imports = jobs
    .filter((job) => job.kind === 'import')
    .sort((a, b) => b.startedMs - a.startedMs)
    .slice(0, SHOWN_JOBS);
  if (imports.length === 0 && uploads.length === 0) return null;
  return (
    <div className={css['imports']}>
      <Panel title="Imports">
        {uploads.map((upload) => (
          <div key={upload.key} className={css['job']} data-testid="upload">
            <div className={css['jobHead']}>
              <Tag tone="busy">sending</Tag>
              <span className="truncate">{upload.title}</span>
              <Progress
                className={css['bar']}
                size={5}
                value={upload.total > 0 ? (100 * upload.sent) / upload.total : 0}
                aria-label={`Sending ${upload.title}`}
              />
              <span className="dim">
                {formatBytes(upload.sent)} of {formatBytes(upload.total)}
              </span>
              <Button variant="subtle" size="compact-xs" onClick={upload.cancel}>
                Cancel
              </Button>
            </div>
          </div>
        ))}
        {imports.map((job, index) => (
          <ImportJob key={job.id} job={job} latest={index === 0} />
        ))}
      </Panel>
    </div>
  );
}

const stateWords: Readonly<Record<Job['state'], readonly [Tone, string]>> = {
  waiting: ['quiet', 'waiting'],
  running: ['busy', 'importing'],
  done: ['good', 'imported'],
  cancelled: ['quiet', 'cancelled'],
  failed: ['bad', 'failed'],
};

/** Not at its end yet. */
const isOpen = (job: Job): boolean => job.state === 'running' || job.state === 'waiting';

function ImportJob({ job, latest }: { readonly job: Job; readonly latest: boolean }) {
  const [chosen, setChosen] = useState<boolean>();
  const again = useUploads((state) => state.again.get(job.id));
  const open = chosen ?? (isOpen(job) || latest);
  const [tone, word] = stateWords[job.state];
  const seconds = Math.max(0.001, ((job.endedMs ?? Date.now()) - job.startedMs) / 1000);
  const Arrow = open ? IconChevronDown : IconChevronRight;
  return (
    <div className={css['job']} data-testid="import-job" data-state={job.state}>
      <div className={css['jobHead']}>
        <UnstyledButton className={css['fold']} aria-expanded={open} onClick={() => setChosen(!open)}>
          <Arrow size={14} aria-hidden />
          <Tag tone={tone}>{word}</Tag>
          <span className="truncate">{job.title}</span>
        </UnstyledButton>
        {isOpen(job) ? (
          <Progress
            className={css['bar']}
            size={5}
            value={job.total > 0 ? (100 * job.done) / job.total : 0}
            aria-label={`Progress of ${job.title}`}
          />
        ) : (
          <span className={css['bar']} />
        )}
        <span className="dim">
          {formatCount(job.addedFlows)} flows added · {formatShort(job.addedFlows / seconds)} flows/s ·{' '}
          {formatBytes(job.done / seconds)}/s · {formatSpan(seconds * 1000)}
        </span>
        {(job.state === 'cancelled' || job.state === 'failed') && again && (
          <Button
            variant="default"
            size="compact-xs"
            title="Reads its files again: what is stored already is not stored twice"
            onClick={again}
          >
            Resume
          </Button>
        )}
        {isOpen(job) && (
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={() => void core.call('jobs.cancel', { job: job.id }).catch(showError)}
          >
            Cancel
          </Button>
        )}
      </div>
      {job.error && (
        <p className={css['jobError']} role="alert">
          {job.error.message}
        </p>
      )}
      {open && <ImportFiles job={job.id} />}
    </div>
  );
}
