/** The sessions of a path, one bar a hop: upstream opens first and closes last. */
import type { Hop } from '../../../core/model/trace-result.ts';
import { formatClock } from '../../parts/format.ts';
import { hopKind, shortTitle, spanOf } from './path-marks.ts';
import type { LocatedPoint } from './path-points.ts';
import css from './tracker.module.css';

export interface SessionBarsProps {
  readonly hops: readonly Hop[];
  /** One more than hops. */
  readonly points: readonly LocatedPoint[];
  readonly from: number;
  readonly to: number;
  readonly time: number | null;
}

export function SessionBars({ hops, points, from, to, time }: SessionBarsProps) {
  const share = (at: number): number => (100 * (at - from)) / Math.max(1, to - from);
  return (
    <div className={css['bars']}>
      {hops.map((hop, i) => {
        const span = spanOf(hop) ?? { from, to };
        const kind = hopKind(hop, i === hops.length - 1);
        const isOpen = time === null || (time >= span.from && time <= span.to);
        return (
          <div key={i} className={css['lane']}>
            <span
              className={css['bar']}
              data-kind={kind}
              data-open={isOpen}
              style={{ left: `${share(span.from)}%`, width: `${share(span.to) - share(span.from)}%` }}
              title={
                kind === 'inferred'
                  ? 'inferred: no exporter saw this login'
                  : `${formatClock(span.from)} – ${formatClock(span.to)}`
              }
            >
              <b>
                {i + 1} → {i + 2}
              </b>
              <span>
                {shortTitle(points[i]?.place)} → {shortTitle(points[i + 1]?.place)}
              </span>
              <span className={`mono ${css['barNames']}`}>
                {points[i]?.name.address} → {points[i + 1]?.name.address}
              </span>
              {kind === 'inferred' && ' (inferred)'}
            </span>
          </div>
        );
      })}
    </div>
  );
}
