/** When each exporter exported, and when something of it was lost: silence of an exporter is no silence of the network. */
import { epochMs } from '../../../core/model/time.ts';
import { useCall } from '../../link/use-call.ts';
import { useStoredRange } from '../../link/workspace.ts';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatCount, formatSpan, formatStamp } from '../../parts/format.ts';
import type { Health } from './use-health.ts';
import css from './health.module.css';

const BUCKETS = 240;

export function Coverage({ health }: { readonly health: Health }) {
  const stored = useStoredRange();
  const range = health.range ?? stored;
  const { data, error, isLoading, retry } = useCall(
    'query.series',
    {
      ...(range ? { from: epochMs(range.from), to: epochMs(range.to) } : {}),
      by: 'flows',
      split: 'exporter',
      splitLimit: 30,
      maxBuckets: BUCKETS,
      everyObservation: true,
    },
    { enabled: range !== null },
  );
  const losses = new Map<string, number[]>();
  for (const { address, stored: seen } of health.exporters) {
    losses.set(address, [...(losses.get(address) ?? []), ...(seen?.lossWindows ?? [])]);
  }
  return (
    <Panel
      title="Coverage"
      scrolls
      tools={data && <span>flows per {formatSpan(data.bucketMs)} · hatched: records were lost</span>}
    >
      {range === null ? (
        <EmptyNote title="No flows are stored yet.">
          When each exporter was heard, and where its records were lost, stands here.
        </EmptyNote>
      ) : error ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : isLoading || !data ? (
        <LoadingNote lines={4} />
      ) : (
        <>
          {data.lines.map((line) => (
            <Line
              key={line.key}
              name={line.key}
              values={line.values}
              startMs={data.startMs}
              bucketMs={data.bucketMs}
              losses={losses.get(line.key.split('@')[0] ?? '') ?? []}
            />
          ))}
          <div className={css['axis']} aria-hidden>
            <span>{formatStamp(data.startMs).slice(0, 19)}</span>
            <span>{formatStamp(data.startMs + data.buckets * data.bucketMs).slice(0, 19)}</span>
          </div>
        </>
      )}
    </Panel>
  );
}

interface LineProps {
  readonly name: string;
  readonly values: Float64Array;
  readonly startMs: number;
  readonly bucketMs: number;
  /** Flat pairs [from, to], epoch ms. */
  readonly losses: readonly number[];
}

function Line({ name, values, startMs, bucketMs, losses }: LineProps) {
  const most = Math.max(1, ...values);
  const total = values.reduce((sum, value) => sum + value, 0);
  const active = values.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
  const share = Math.round((100 * active) / Math.max(1, values.length));
  const label = `${name}: ${formatCount(Math.round(total))} flows, in ${share} % of the time${losses.length > 0 ? `; lossy ${losses.length / 2} times` : ''}`;
  const share100 = (ms: number) => (100 * ms) / (bucketMs * Math.max(1, values.length));
  const bars: string[] = [];
  for (const [i, value] of values.entries()) {
    if (value === 0) continue;
    const height = 4 + (14 * Math.log1p(value)) / Math.log1p(most);
    bars.push(`M${i} 20h1v-${height.toFixed(1)}h-1z`);
  }
  return (
    <div className={css['coverLine']}>
      <span className="mono truncate" title={name}>
        {name || 'not told'}
      </span>
      <div className={css['coverStrip']}>
        <svg viewBox={`0 0 ${values.length} 20`} preserveAspectRatio="none" role="img" aria-label={label}>
          <path d={bars.join('')} className={css['cover']} />
        </svg>
        {Array.from({ length: losses.length >> 1 }, (_, i) => (
          <span
            key={i}
            className={css['lost']}
            style={{
              left: `${share100((losses[2 * i] ?? 0) - startMs)}%`,
              width: `${share100((losses[2 * i + 1] ?? 0) - (losses[2 * i] ?? 0))}%`,
            }}
          />
        ))}
      </div>
      <span className="dim">{share} %</span>
    </div>
  );
}
