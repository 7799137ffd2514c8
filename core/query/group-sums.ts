/** Sums of flows by group, side by side: flows, packets, bytes, and where times are wanted the first and last moment. */
import type { RowGroups } from './group-rows.ts';

export const PACKETS = 1;
export const BYTES = 2;
export const FIRST = 3;
/** Negated: of both moments the least counts. */
export const LAST = 4;

/** Adds the rows (undefined: all) to the sums of their groups, which are `stride` numbers apart. */
export function sumGroups(
  sums: Float64Array,
  stride: number,
  groups: RowGroups['groups'],
  rows: Uint32Array | undefined,
  packets: Float64Array,
  bytes: Float64Array,
): void {
  if (rows) sumRows(rows, sums, stride, groups, packets, bytes);
  else sumAll(sums, stride, groups, packets, bytes);
}

function sumAll(
  sums: Float64Array,
  stride: number,
  groups: RowGroups['groups'],
  packets: Float64Array,
  bytes: Float64Array,
): void {
  for (let row = 0; row < packets.length; row++) {
    const at = (groups[row] as number) * stride;
    sums[at] = (sums[at] as number) + 1;
    sums[at + PACKETS] = (sums[at + PACKETS] as number) + (packets[row] as number);
    sums[at + BYTES] = (sums[at + BYTES] as number) + (bytes[row] as number);
  }
}

function sumRows(
  rows: Uint32Array,
  sums: Float64Array,
  stride: number,
  groups: RowGroups['groups'],
  packets: Float64Array,
  bytes: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const at = (groups[row] as number) * stride;
    sums[at] = (sums[at] as number) + 1;
    sums[at + PACKETS] = (sums[at + PACKETS] as number) + (packets[row] as number);
    sums[at + BYTES] = (sums[at + BYTES] as number) + (bytes[row] as number);
  }
}

/** A time of 0 stands for none: a sum begins with it. */
export function spanGroups(
  sums: Float64Array,
  groups: ArrayLike<number>,
  starts: Float64Array,
  ends: Float64Array,
  rows: Uint32Array | undefined,
): void {
  const count = rows?.length ?? starts.length;
  for (let i = 0; i < count; i++) {
    const row = rows ? (rows[i] ?? 0) : i;
    const at = (groups[row] ?? 0) * (LAST + 1);
    const start = starts[row] ?? 0;
    const end = -(ends[row] ?? 0);
    const first = sums[at + FIRST] ?? 0;
    const last = sums[at + LAST] ?? 0;
    if (first === 0 || start < first) sums[at + FIRST] = Number.isNaN(start) ? first : start;
    if (end < last) sums[at + LAST] = end;
  }
}

/** Adds the sums of groups to those of their entries; -1 is none. */
export function addEntries(
  to: Float64Array,
  entries: Int32Array,
  count: number,
  from: Float64Array,
  groups: Uint32Array | undefined,
  stride: number,
): void {
  for (let i = 0; i < count; i++) {
    const entry = entries[i] as number;
    if (entry >= 0) addSums(to, entry, from, groups ? (groups[i] as number) : i, stride);
  }
}

/** Adds the sums of one group to those of another one. */
export function addSums(
  to: Float64Array,
  group: number,
  from: Float64Array,
  other: number,
  stride: number,
): void {
  const at = group * stride;
  const fromAt = other * stride;
  to[at] = (to[at] as number) + (from[fromAt] as number);
  to[at + PACKETS] = (to[at + PACKETS] as number) + (from[fromAt + PACKETS] as number);
  to[at + BYTES] = (to[at + BYTES] as number) + (from[fromAt + BYTES] as number);
  if (stride <= FIRST) return;
  const first = from[fromAt + FIRST] as number;
  const known = to[at + FIRST] as number;
  if (first !== 0 && (known === 0 || first < known)) to[at + FIRST] = first;
  to[at + LAST] = Math.min(to[at + LAST] as number, from[fromAt + LAST] as number);
}
