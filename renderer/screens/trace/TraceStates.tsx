/** While a trace runs, and why one could not. */
import { Button, Progress } from '@mantine/core';
import { WireError } from '../../../core/wire/wire-error.ts';
import { useCall } from '../../link/use-call.ts';
import { useStoredRange } from '../../link/workspace.ts';
import { ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { formatCount, formatRange } from '../../parts/format.ts';
import type { TraceProgress } from './use-trace.ts';
import css from './trace.module.css';

/** What the engine says that it does; the first steps in words of their own. */
function phaseText(progress: TraceProgress | undefined): string {
  if (!progress || progress.phase === 'reading') return 'Reading the flows around that moment …';
  const flows = progress.flows > 0 ? ` of ${formatCount(progress.flows)} flows` : '';
  if (progress.phase === 'comparing') return `Comparing the connections${flows} …`;
  return `${progress.phase.slice(0, 1).toUpperCase()}${progress.phase.slice(1)} …`;
}

export function TraceRunning({ progress }: { readonly progress: TraceProgress | undefined }) {
  return (
    <div className={css['running']}>
      <p role="status">
        {phaseText(progress)}
        {progress?.share !== undefined && <b> {Math.floor(100 * progress.share)} %</b>}
      </p>
      {progress?.share !== undefined && (
        <Progress value={100 * progress.share} size={4} aria-label="How far this step is" />
      )}
      <LoadingNote lines={9} />
    </div>
  );
}

export interface TraceFaultProps {
  readonly error: Error;
  readonly onSite: (site: string) => void;
  readonly onAgain: () => void;
}

/** The refusal in its own words, and what can be done at once. */
export function TraceFault({ error, onSite, onAgain }: TraceFaultProps) {
  const code = error instanceof WireError ? error.code : 'internal';
  const asksForSite = code === 'ambiguous-address' || code === 'unknown-site';
  const { data } = useCall('workspace.sites', {}, { enabled: asksForSite });
  const stored = useStoredRange();
  const sites = (data?.sites ?? []).filter(({ name }) => error.message.includes(name));
  return (
    <div className={css['fault']}>
      <ErrorNote error={error} {...(asksForSite ? {} : { onRetry: onAgain })} />
      {asksForSite && sites.length > 0 && (
        <div className={css['siteChoice']} role="group" aria-label="Choose the victim’s site">
          <span className="dim">The victim stands at</span>
          {sites.map(({ name }) => (
            <Button key={name} variant="default" onClick={() => onSite(name)}>
              {name}
            </Button>
          ))}
        </div>
      )}
      {code === 'outside-archive' && stored && (
        <p className="dim">Flows are stored of {formatRange(stored.from, stored.to)} UTC.</p>
      )}
      {code === 'no-such-flow' && (
        <p className="dim">
          The victim’s connections that are near stand at the left: choosing one takes its peer and a moment
          at which it was open.
        </p>
      )}
    </div>
  );
}
