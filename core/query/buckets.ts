/** Time in buckets of one width. */
import { ApiError } from '../model/api-error.ts';
import type { SeriesQuestion } from '../model/query.ts';
import type { KernelHelp } from './kernel.ts';

export interface Buckets {
  /** Where the first begins; a multiple of the width. */
  readonly startMs: number;
  readonly bucketMs: number;
  readonly count: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths that people read easily. */
const ROUND: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * DAY),
];

const DEFAULT_BUCKETS = 300;
const MAX_BUCKETS = 100_000;

/** The buckets of a question. Throws ApiError `usage` where they would be too many. */
export function bucketsOf({ bucketMs, maxBuckets, to }: SeriesQuestion, range: KernelHelp['range']): Buckets {
  if (bucketMs !== undefined && !(bucketMs > 0 && Number.isFinite(bucketMs))) {
    throw new ApiError('usage', 'A bucket has a width above zero.');
  }
  const { start, end } = range ?? { start: 0, end: 0 };
  const countOf = (width: number): number => {
    const last = end === to ? Math.ceil(end / width) - 1 : Math.floor(end / width);
    return Math.max(last - Math.floor(start / width) + 1, range ? 1 : 0);
  };
  const most = Math.min(Math.max(maxBuckets ?? DEFAULT_BUCKETS, 1), MAX_BUCKETS);
  const width = bucketMs ?? ROUND.find((round) => countOf(round) <= most) ?? 3640 * DAY;
  const count = countOf(width);
  if (count > MAX_BUCKETS) {
    throw new ApiError(
      'usage',
      `That would be ${count} buckets, and ${MAX_BUCKETS} are the most: ask for wider ones.`,
    );
  }
  return { startMs: Math.floor(start / width) * width, bucketMs: width, count };
}
