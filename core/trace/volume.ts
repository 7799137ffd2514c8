/**
 * Volume over time, where there are no silences to compare.
 *
 * A relay passes on what it takes in: the same octets within a few percent, begun and ended together, never far ahead or
 * behind. A record says how much passed between its first and last packet, so its octets are spread evenly over that span
 * into bins, and the changes of log volume from bin to bin are correlated. Neighbouring bins of one record are equal, so
 * the correlation counts for as many bins as are independent (Bartlett), and its Fisher z is judged by those.
 */
import type { Records } from './records.ts';

/** One direction of a connection: flat triples of start, end (epoch ms) and octets, ascending by start. */
export interface VolumeTrack {
  readonly spans: Float64Array;
  readonly start: number;
  readonly end: number;
  readonly octets: number;
}

/** The records of one direction: those whose source is the given endpoint. */
export function volumeTrack(
  records: Records,
  list: Uint32Array,
  from: { readonly host: number; readonly port: number },
): VolumeTrack | undefined {
  const chosen = list.filter((i) => records.source[i] === from.host && records.sourcePort[i] === from.port);
  if (chosen.length === 0) return undefined;
  const spans = new Float64Array(chosen.length * 3);
  let [end, octets] = [Number.NEGATIVE_INFINITY, 0];
  for (const [k, i] of chosen.entries()) {
    spans.set([records.start[i] ?? 0, records.end[i] ?? 0, records.octets[i] ?? 0], 3 * k);
    end = Math.max(end, records.end[i] ?? 0);
    octets += records.octets[i] ?? 0;
  }
  return { spans, start: spans[0] ?? 0, end, octets };
}

/** Octets in each of `count` bins from `from` on. */
export function spreadVolume(
  { spans }: VolumeTrack,
  from: number,
  binMs: number,
  count: number,
): Float64Array {
  const bins = new Float64Array(count);
  for (let k = 0; k < spans.length; k += 3) {
    const start = spans[k] ?? 0;
    const life = Math.max((spans[k + 1] ?? 0) - start, 1);
    const rate = (spans[k + 2] ?? 0) / life;
    const last = Math.min(count - 1, Math.floor((start + life - from) / binMs));
    for (let bin = Math.max(0, Math.floor((start - from) / binMs)); bin <= last; bin++) {
      const opens = from + bin * binMs;
      const part = Math.min(start + life, opens + binMs) - Math.max(start, opens);
      if (part > 0) bins[bin] = (bins[bin] ?? 0) + rate * part;
    }
  }
  return bins;
}

export interface VolumeShape {
  readonly correlation: number | null;
  readonly effectiveBins: number;
  /** atanh(r) sqrt(n - 3): standard errors above no correlation. */
  readonly fisherZ: number | null;
  readonly cumulativeGap: number;
}

/** Independent bins below which a correlation says nothing. */
const LEAST_BINS = 6;
/** Bartlett's sum runs over so many lags. */
const BARTLETT_LAGS = 8;

/** Compares two series of equal length, bin by bin. */
export function compareShapes(x: Float64Array, y: Float64Array): VolumeShape {
  const [dx, dy] = [logChanges(x), logChanges(y)];
  const n = dx.length;
  const [sx, sy] = [deviation(dx), deviation(dy)];
  const cumulativeGap = furthestApart(x, y);
  if (n < LEAST_BINS || sx === 0 || sy === 0) {
    return { correlation: null, effectiveBins: 0, fisherZ: null, cumulativeGap };
  }
  const correlation = productAt(dx, dy, 0) / (n * sx * sy);
  let inflation = 1;
  for (let lag = 1; lag <= Math.min(BARTLETT_LAGS, n - 2); lag++) {
    const [ax, ay] = [productAt(dx, dx, lag) / (n * sx * sx), productAt(dy, dy, lag) / (n * sy * sy)];
    inflation += 2 * (1 - lag / n) * ax * ay;
  }
  const effectiveBins = Math.min(n, n / Math.max(inflation, 1));
  if (effectiveBins < LEAST_BINS) return { correlation, effectiveBins, fisherZ: null, cumulativeGap };
  const bounded = Math.max(-0.9999, Math.min(0.9999, correlation));
  return {
    correlation,
    effectiveBins,
    fisherZ: Math.atanh(bounded) * Math.sqrt(effectiveBins - 3),
    cumulativeGap,
  };
}

/** Differences of ln(1 + octets), their mean taken off. */
function logChanges(bins: Float64Array): Float64Array {
  const changes = new Float64Array(Math.max(0, bins.length - 1));
  let mean = 0;
  for (let i = 0; i < changes.length; i++) {
    changes[i] = Math.log1p(bins[i + 1] ?? 0) - Math.log1p(bins[i] ?? 0);
    mean += (changes[i] ?? 0) / changes.length;
  }
  return changes.map((change) => change - mean);
}

const productAt = (a: Float64Array, b: Float64Array, lag: number): number => {
  let sum = 0;
  for (let i = 0; i + lag < a.length; i++) sum += (a[i] ?? 0) * (b[i + lag] ?? 0);
  return sum;
};

const deviation = (values: Float64Array): number => Math.sqrt(productAt(values, values, 0) / values.length);

/** The largest difference between the two running totals, each as a part of its own total. */
function furthestApart(x: Float64Array, y: Float64Array): number {
  const total = (bins: Float64Array): number =>
    Math.max(
      1,
      bins.reduce((sum, octets) => sum + octets, 0),
    );
  const [allX, allY] = [total(x), total(y)];
  let [cx, cy, gap] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    cx += (x[i] ?? 0) / allX;
    cy += (y[i] ?? 0) / allY;
    gap = Math.max(gap, Math.abs(cx - cy));
  }
  return gap;
}

/** Chance that a standard normal exceeds z (Abramowitz & Stegun 26.2.17, error below 1e-7). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** Chance that the product of `count` independent chances is at most `product` (Fisher's method). */
export function productChance(product: number, count: number): number {
  const nats = -Math.log(Math.max(product, Number.MIN_VALUE));
  let [term, sum] = [1, 1];
  for (let k = 1; k < count; k++) {
    term *= nats / k;
    sum += term;
  }
  return Math.min(1, product * sum);
}
