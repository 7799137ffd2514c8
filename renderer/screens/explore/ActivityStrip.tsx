/** When a connection spoke and when it was silent: one line for each exporter and direction, and its bytes over time. */
import type { FlowRow } from '../../../core/model/query.ts';
import { formatClock, formatSpan } from '../../parts/format.ts';
import css from './explore.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

export interface ActivityStripProps {
  readonly rows: readonly FlowRow[];
  /** The endpoint that opened it. */
  readonly client: string;
  readonly startMs: number;
  readonly endMs: number;
}

const BINS = 48;
/** Longer than this, milliseconds say nothing at the ends, ms. */
const WITHOUT_MS = 10_000;

export function ActivityStrip({ rows, client, startMs, endMs }: ActivityStripProps) {
  const span = Math.max(1, endMs - startMs);
  const share = (ms: number) => (100 * Math.min(Math.max(0, ms - startMs), span)) / span;
  const lines = new Map<string, FlowRow[]>();
  for (const row of rows) {
    const way = formatEndpoint(row.source, row.sourcePort) === client ? '→' : '←';
    const key = `${way} ${row.exporter || row.site}`;
    lines.set(key, [...(lines.get(key) ?? []), row]);
  }
  const bins = binBytes(rows, startMs, span);
  const most = Math.max(1, ...bins);
  const clock = (ms: number) => (span > WITHOUT_MS ? formatClock(ms).slice(0, 8) : formatClock(ms));
  return (
    <div className={css['strips']}>
      {[...lines].map(([key, flows]) => (
        <div key={key} className={css['stripLine']}>
          <span className="mono truncate" title={key}>
            {key}
          </span>
          <svg
            viewBox="0 0 100 10"
            preserveAspectRatio="none"
            role="img"
            aria-label={`${key}: ${flows.length} records`}
          >
            {flows.map((row) => {
              const from = share(row.startMs ?? startMs);
              const to = share(row.endMs ?? row.startMs ?? endMs);
              return (
                <rect
                  key={row.id}
                  x={from}
                  y={1}
                  width={Math.max(0.5, to - from)}
                  height={8}
                  className={css['on']}
                >
                  <title>{`${formatClock(row.startMs ?? 0)} – ${formatClock(row.endMs ?? 0)}`}</title>
                </rect>
              );
            })}
          </svg>
        </div>
      ))}
      <div className={css['stripLine']}>
        <span className="dim">bytes</span>
        <svg
          viewBox={`0 0 ${BINS} 30`}
          preserveAspectRatio="none"
          className={css['bytes']}
          role="img"
          aria-label="Bytes over time"
        >
          {bins.map((bytes, i) => (
            <rect
              // The place is what the bar stands for.
              key={i}
              x={i + 0.1}
              width={0.8}
              y={30 - (28 * bytes) / most}
              height={(28 * bytes) / most}
              className={css['byteBar']}
            />
          ))}
        </svg>
      </div>
      <div className={css['stripAxis']}>
        <span>{clock(startMs)}</span>
        <span>{formatSpan(span)}</span>
        <span>{clock(endMs)}</span>
      </div>
    </div>
  );
}

/** Bytes in each of the bins, a flow's spread evenly over its life. */
function binBytes(rows: readonly FlowRow[], startMs: number, span: number): number[] {
  const bins = Array<number>(BINS).fill(0);
  for (const { startMs: from, endMs: to, bytes } of rows) {
    if (from === null || bytes === null) continue;
    const first = Math.min(BINS - 1, Math.max(0, Math.floor(((from - startMs) / span) * BINS)));
    const last = Math.min(BINS - 1, Math.max(first, Math.floor((((to ?? from) - startMs) / span) * BINS)));
    for (let bin = first; bin <= last; bin++)
      bins[bin] = (bins[bin] ?? 0) + Number(bytes) / (last - first + 1);
  }
  return bins;
}
