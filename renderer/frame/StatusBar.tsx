/** What runs and what is stored, in one line: exporters, loss, clocks, flows, jobs. */
import { Progress, UnstyledButton } from '@mantine/core';
import type { CollectorBrief, Job } from '../../core/wire/contract-workspace.ts';
import { core } from '../link/core.ts';
import { useWorkspace } from '../link/workspace.ts';
import { formatBytes, formatShort, formatSpan } from '../parts/format.ts';
import { showError } from '../parts/notify.ts';
import { changeView } from '../state/view.ts';
import css from './frame.module.css';

export function StatusBar() {
  const status = useWorkspace((workspace) => workspace.status);
  const running = status?.jobs.filter((job) => job.state === 'running') ?? [];
  return (
    <footer className={css['status']} aria-label="Status">
      {status && <Collector collector={status.collector} />}
      {status?.store && (
        <span title={status.store.folder}>
          stored <b data-testid="stored-flows">{formatShort(status.store.flows)}</b> flows ·{' '}
          <b>{formatBytes(status.store.bytes)}</b>
        </span>
      )}
      <span className={css['spring']} />
      {running.slice(0, 2).map((job) => (
        <RunningJob key={job.id} job={job} />
      ))}
      {running.length > 2 && <span>and {running.length - 2} more</span>}
      {running.length === 0 && status && <span>Backtrail {status.version}</span>}
    </footer>
  );
}

function Collector({ collector }: { readonly collector: CollectorBrief | null }) {
  if (!collector) {
    return (
      <span>
        <i className={css['dot']} aria-hidden />
        no live collection
      </span>
    );
  }
  const { exporters, flowsPerSecond, lost, lostShare, worstClockOffsetMs, problem } = collector;
  return (
    <>
      <span title={collector.urls.join(', ')}>
        <i className={css['dot']} data-tone={problem === null ? 'good' : 'bad'} aria-hidden />
        <b>{exporters}</b> {exporters === 1 ? 'exporter' : 'exporters'} ·{' '}
        <b>{formatShort(Math.round(flowsPerSecond))}</b> flows/s
      </span>
      {problem !== null && <span role="alert">{problem}</span>}
      <span title={`${lost} units are missing by the exporters’ sequence numbers`}>
        export loss{' '}
        <b style={lost > 0 ? { color: 'var(--red)' } : undefined}>
          {lost > 0 ? `${(lostShare * 100).toFixed(2)} %` : 'none'}
        </b>
      </span>
      {worstClockOffsetMs !== null && (
        <span title="The exporter clock that is furthest from this machine’s">
          clock skew{' '}
          <b>
            {worstClockOffsetMs < 0 ? '−' : '+'}
            {formatSpan(Math.abs(worstClockOffsetMs))}
          </b>
        </span>
      )}
    </>
  );
}

function RunningJob({ job }: { readonly job: Job }) {
  const share = job.total > 0 ? Math.min(100, (100 * job.done) / job.total) : 0;
  const seconds = (Date.now() - job.startedMs) / 1000;
  const cancel = () => core.call('jobs.cancel', { job: job.id }).catch(showError);
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8 }} data-testid="running-job">
      <UnstyledButton fz={11.5} c="dimmed" onClick={() => changeView({ screen: 'sources' })}>
        {job.title}
      </UnstyledButton>
      <Progress value={share} w={90} size={4} aria-label={job.title} />
      <b>{Math.floor(share)} %</b>
      {job.addedFlows > 0 && seconds > 0.5 && <span>{formatShort(job.addedFlows / seconds)} flows/s</span>}
      <UnstyledButton fz={11.5} c="blue" onClick={() => void cancel()}>
        cancel
      </UnstyledButton>
    </span>
  );
}
