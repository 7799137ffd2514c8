/** Searching sorted numbers. */

/** The first index in `[from, to)` whose value is not below `value`; `to` where there is none. Values must ascend. */
export function lowerBound(values: ArrayLike<number>, value: number, from = 0, to = values.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? Number.POSITIVE_INFINITY) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The distance from `value` to the nearest of the ascending `values` in `[from, to)`; Infinity where there is none. */
export function nearestDistance(
  values: ArrayLike<number>,
  value: number,
  from = 0,
  to = values.length,
): number {
  const right = lowerBound(values, value, from, to);
  const above = right < to ? Math.abs((values[right] ?? Number.NaN) - value) : Number.POSITIVE_INFINITY;
  const below = right > from ? Math.abs(value - (values[right - 1] ?? Number.NaN)) : Number.POSITIVE_INFINITY;
  return Math.min(above, below);
}
