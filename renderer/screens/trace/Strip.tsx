/** When one connection was active, as blocks on a line. */
import css from './trace.module.css';

export interface StripProps {
  /** Flat pairs [from, to], epoch ms. */
  readonly activity: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly tone: 'target' | 'hop' | 'twin' | 'quiet';
  /** px */
  readonly height: number;
}

const WIDTH = 1000;
/** A spell of activity is never too short to be seen. */
const THINNEST = 4;

export function Strip({ activity, fromMs, toMs, tone, height }: StripProps) {
  const scale = WIDTH / Math.max(1, toMs - fromMs);
  const path: string[] = [];
  for (let i = 0; i + 1 < activity.length; i += 2) {
    const x = ((activity[i] ?? 0) - fromMs) * scale;
    const width = Math.max(THINNEST, ((activity[i + 1] ?? 0) - (activity[i] ?? 0)) * scale);
    path.push(`M${x.toFixed(1)} 0h${width.toFixed(1)}v10h-${width.toFixed(1)}z`);
  }
  return (
    <svg
      className={css['strip']}
      data-tone={tone}
      viewBox={`0 0 ${WIDTH} 10`}
      preserveAspectRatio="none"
      height={height}
      role="img"
      aria-label={`Active ${activity.length / 2} times`}
    >
      <path d={path.join('')} />
    </svg>
  );
}
