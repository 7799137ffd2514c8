/** Sliding windows over irregularly spaced points. */

/**
 * For each point the largest value within `halfWidth` of it. `positions` must ascend; both arrays have one length.
 * One pass with a monotonic queue (Lemire 2006).
 */
export function slidingMaximum(
  positions: Float64Array,
  values: Float64Array,
  halfWidth: number,
): Float64Array {
  const result = new Float64Array(values.length);
  const queue = new Int32Array(values.length);
  let head = 0;
  let tail = 0;
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    const position = positions[i] ?? 0;
    while (next < values.length && (positions[next] ?? 0) <= position + halfWidth) {
      while (tail > head && (values[queue[tail - 1] ?? 0] ?? 0) <= (values[next] ?? 0)) tail--;
      queue[tail++] = next++;
    }
    while ((positions[queue[head] ?? 0] ?? 0) < position - halfWidth) head++;
    result[i] = values[queue[head] ?? 0] ?? Number.NaN;
  }
  return result;
}
