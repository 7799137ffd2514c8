/** Sets of time on a line, kept as sorted, disjoint intervals in a flat array [start0, end0, start1, end1, ...]. */

/** Unites intervals given as flat pairs in any order; those that touch or lie within `join` of each other become one. */
export function uniteIntervals(pairs: readonly number[], join = 0): number[] {
  const order: number[] = [];
  for (let i = 0; i < pairs.length; i += 2) order.push(i);
  order.sort((a, b) => (pairs[a] ?? 0) - (pairs[b] ?? 0));
  const united: number[] = [];
  for (const i of order) {
    const start = pairs[i] ?? 0;
    const end = pairs[i + 1] ?? 0;
    const last = united.length - 1;
    if (last > 0 && start <= (united[last] ?? 0) + join) united[last] = Math.max(united[last] ?? 0, end);
    else united.push(start, end);
  }
  return united;
}

/** The total length of sorted, disjoint intervals within [from, to]. */
export function measureIntervals(intervals: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let i = 0; i < intervals.length; i += 2) {
    const length = Math.min(intervals[i + 1] ?? 0, to) - Math.max(intervals[i] ?? 0, from);
    if (length > 0) total += length;
  }
  return total;
}

/** The intersection of two sets of sorted, disjoint intervals. */
export function intersectIntervals(a: readonly number[], b: readonly number[]): number[] {
  const shared: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const start = Math.max(a[i] ?? 0, b[j] ?? 0);
    const end = Math.min(a[i + 1] ?? 0, b[j + 1] ?? 0);
    if (start < end) shared.push(start, end);
    if ((a[i + 1] ?? 0) < (b[j + 1] ?? 0)) i += 2;
    else j += 2;
  }
  return shared;
}

/** True where an interval of a set shares more than a point with [from, to]. The set is sorted and disjoint. */
export function meetsIntervals(intervals: readonly number[], from: number, to: number): boolean {
  let [low, high] = [0, intervals.length / 2];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[2 * middle + 1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  for (let i = 2 * low; i < intervals.length && (intervals[i] ?? 0) < to; i += 2)
    if ((intervals[i] ?? 0) < (intervals[i + 1] ?? 0)) return true;
  return false;
}
