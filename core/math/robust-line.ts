/** Lines through points of which some err wildly. */
import { median } from './statistics.ts';

export interface RobustLine {
  /** Value at `centre`. */
  readonly level: number;
  readonly centre: number;
  readonly slope: number;
  /** Standard errors, from the median absolute deviation of the residuals. */
  readonly levelError: number;
  readonly slopeError: number;
  readonly points: number;
}

/** Points that a fit looks at; all pairs of them are taken. */
const MOST_POINTS = 300;
/** The median absolute deviation of a normal distribution is this part of its standard deviation. */
const NORMAL_DEVIATION = 0.6745;
/** What a median costs against a mean, in standard errors (the root of pi / 2). */
const MEDIAN_COST = 1.2533;

/**
 * Fits `y = level + slope (x - centre)` by the median of all pairwise slopes (Theil 1950; Sen 1968): up to 29 % of the
 * points may be anything. Of more than 300 points every k-th is taken. Undefined for fewer than two.
 */
export function fitRobustLine(x: ArrayLike<number>, y: ArrayLike<number>): RobustLine | undefined {
  const step = Math.max(1, Math.ceil(x.length / MOST_POINTS));
  const kept = Array.from({ length: Math.ceil(x.length / step) }, (_, k) => k * step);
  if (kept.length < 2) return undefined;
  const centre = median(kept.map((i) => x[i] ?? 0));
  const slopes: number[] = [];
  for (const [k, i] of kept.entries()) {
    for (const j of kept.slice(k + 1)) {
      const run = (x[j] ?? 0) - (x[i] ?? 0);
      if (run !== 0) slopes.push(((y[j] ?? 0) - (y[i] ?? 0)) / run);
    }
  }
  const slope = slopes.length > 0 ? median(slopes) : 0;
  const level = median(kept.map((i) => (y[i] ?? 0) - slope * ((x[i] ?? 0) - centre)));
  const residuals = kept.map((i) => Math.abs((y[i] ?? 0) - level - slope * ((x[i] ?? 0) - centre)));
  const deviation = median(residuals) / NORMAL_DEVIATION;
  const spread = Math.sqrt(kept.reduce((sum, i) => sum + ((x[i] ?? 0) - centre) ** 2, 0));
  return {
    level,
    centre,
    slope,
    levelError: (MEDIAN_COST * deviation) / Math.sqrt(kept.length),
    slopeError: spread > 0 ? (MEDIAN_COST * deviation) / spread : Number.POSITIVE_INFINITY,
    points: x.length,
  };
}
