/** Rows of a batch by the values of one or several coded columns. */
import type { CodedColumn } from './coded-column.ts';

/** Groups that are told apart by their number alone. */
export interface RowGroups {
  /** One a row of the batch; only those of the selected rows mean something. */
  readonly groups: CodedColumn['codes'];
  /** Groups are below it; many may be empty. */
  readonly size: number;
  /** Writes the key of a group from `base` on: the words of each column after one another. */
  readonly write: (group: number, words: Uint32Array, base: number) => void;
}

export interface PlacedColumn extends CodedColumn {
  /** Where its words begin in the key. */
  readonly at: number;
}

/** Rows so few that to look at all codes would cost more than to look at the rows. */
export function isFew(rows: number, codes: number): boolean {
  return rows * 4 < codes;
}

/** One column's codes are groups as they are; several, and few rows of many codes, are numbered by what occurs. */
export function groupRows(
  columns: readonly PlacedColumn[],
  count: number,
  rows: Uint32Array | undefined,
): RowGroups {
  const [first, ...others] = columns;
  if (!first) return { groups: new Uint8Array(count), size: 1, write: () => undefined };
  const few = isFew(rows?.length ?? count, first.size);
  if (others.length === 0 && !few) {
    return {
      groups: first.codes,
      size: first.size,
      write: (group, words, base) => first.write(group, words, base + first.at),
    };
  }
  let groups = first.codes;
  let example = new Uint32Array(0);
  // A few rows of many codes: the sums of all codes would cost more than the rows.
  for (const column of others.length === 0 ? [first] : others)
    ({ groups, example } = combine(groups, column.codes, count, rows));
  return {
    groups,
    size: example.length,
    write: (group, words, base) => {
      const row = example[group] ?? 0;
      for (const column of columns) column.write(column.codes[row] ?? 0, words, base + column.at);
    },
  };
}

/** Numbers the pairs that occur; `example` has a row of each. */
function combine(
  left: CodedColumn['codes'],
  right: CodedColumn['codes'],
  count: number,
  rows: Uint32Array | undefined,
): { groups: Uint32Array; example: Uint32Array<ArrayBuffer> } {
  const total = rows?.length ?? count;
  let size = 1024;
  while (size < total * 2) size *= 2;
  const mask = size - 1;
  const slots = new Int32Array(size).fill(-1);
  const groups = new Uint32Array(count);
  const example = new Uint32Array(total);
  let made = 0;
  for (let i = 0; i < total; i++) {
    const row = rows ? (rows[i] ?? 0) : i;
    const a = left[row] ?? 0;
    const b = right[row] ?? 0;
    let h = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b);
    h ^= h >>> 15;
    let slot = Math.imul(h, 0x2c1b_3c6d) >>> 7;
    slot &= mask;
    for (; ; slot = (slot + 1) & mask) {
      const group = slots[slot] ?? -1;
      if (group < 0) {
        slots[slot] = made;
        example[made] = row;
        groups[row] = made++;
        break;
      }
      const other = example[group] ?? 0;
      if (left[other] === a && right[other] === b) {
        groups[row] = group;
        break;
      }
    }
  }
  return { groups, example: example.slice(0, made) };
}
