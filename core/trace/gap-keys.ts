/**
 * Which logins fell silent and spoke again at the same two moments?
 *
 * A silence has two ends, so it is a point in a plane, and another login's silence lies near it by chance far more rarely
 * than a boundary near a boundary. Each login is posted under the cells of its rarest silences (2 s by 2 s), and looks
 * around its own; what a common silence is worth is the logarithm of how rare its cell is. Work is bounded: a login posts
 * a dozen silences, and cells that hundreds share are passed over, so no crowd makes it quadratic.
 */
import type { PrintTable } from './print-table.ts';

/** Pairs of logins with silences in common, most telling first. `a[k] < b[k]`. */
export interface CommonGaps {
  readonly count: number;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly hits: Uint8Array;
  /** Sum of the silences' worth, nats. */
  readonly worth: Float32Array;
}

const CELL_MS = 2000;
const GAPS_A_LOGIN = 12;
/** Both ends agree within this. */
const TOLERANCE_MS = 1000;
const CROWDED_CELL = 256;
/** Pairs noted before the weakest half is dropped. */
const MOST_NOTED = 2_000_000;

/** `isWanted` says for a pair with this many hits and this worth whether it is worth noting. */
export function findCommonGaps(
  table: PrintTable,
  isWanted: (a: number, b: number, hits: number, worth: number) => boolean,
): CommonGaps {
  const slots = 2 ** Math.max(10, Math.ceil(Math.log2(table.count * GAPS_A_LOGIN + 1)) + 1);
  const cell = (from: number, to: number): number =>
    ((Math.imul(from, 0x9e37_79b1) ^ Math.imul(to, 0x85eb_ca77)) >>> 0) & (slots - 1);
  const density = new Uint32Array(slots);
  for (let i = 0; i < table.from.length; i++) {
    const at = cell(Math.floor((table.from[i] ?? 0) / CELL_MS), Math.floor((table.to[i] ?? 0) / CELL_MS));
    density[at] = (density[at] ?? 0) + 1;
  }
  const rarest = takeRarest(
    table,
    (i) =>
      density[cell(Math.floor((table.from[i] ?? 0) / CELL_MS), Math.floor((table.to[i] ?? 0) / CELL_MS))] ??
      0,
  );
  const starts = new Uint32Array(slots + 2);
  const cells = rarest.gaps.map((i) =>
    cell(Math.floor((table.from[i] ?? 0) / CELL_MS), Math.floor((table.to[i] ?? 0) / CELL_MS)),
  );
  for (const at of cells) starts[at + 2] = (starts[at + 2] ?? 0) + 1;
  for (let at = 2; at < starts.length; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const posted = new Uint32Array(cells.length);
  for (const [k, at] of cells.entries()) {
    posted[starts[at + 1] ?? 0] = k;
    starts[at + 1] = (starts[at + 1] ?? 0) + 1;
  }
  const noted: { a: number[]; b: number[]; hits: number[]; worth: number[] } = {
    a: [],
    b: [],
    hits: [],
    worth: [],
  };
  const hits = new Uint8Array(table.count);
  const worth = new Float32Array(table.count);
  const lookAround = (login: number): number[] => {
    const touched: number[] = [];
    for (let k = rarest.offsets[login] ?? 0; k < (rarest.offsets[login + 1] ?? 0); k++) {
      const [E, S] = [table.from[rarest.gaps[k] ?? 0] ?? 0, table.to[rarest.gaps[k] ?? 0] ?? 0];
      const [e, s] = [Math.floor((E - TOLERANCE_MS) / CELL_MS), Math.floor((S - TOLERANCE_MS) / CELL_MS)];
      for (let corner = 0; corner < 4; corner++) {
        const at = cell(e + (corner & 1), s + (corner >> 1));
        const [from, to] = [starts[at] ?? 0, starts[at + 1] ?? 0];
        if (to - from > CROWDED_CELL) continue;
        const value = Math.log(1 + table.count / Math.max(1, density[at] ?? 1));
        for (let p = from; p < to; p++) {
          const other = posted[p] ?? 0;
          const login2 = rarest.login[other] ?? 0;
          const gap = rarest.gaps[other] ?? 0;
          if (
            login2 <= login ||
            Math.abs((table.from[gap] ?? 0) - E) > TOLERANCE_MS ||
            Math.abs((table.to[gap] ?? 0) - S) > TOLERANCE_MS
          )
            continue;
          if (hits[login2] === 0) touched.push(login2);
          hits[login2] = (hits[login2] ?? 0) + 1;
          worth[login2] = (worth[login2] ?? 0) + value;
        }
      }
    }
    return touched;
  };
  for (let login = 0; login < table.count; login++) {
    for (const other of lookAround(login)) {
      const [h, w] = [hits[other] ?? 0, worth[other] ?? 0];
      hits[other] = 0;
      worth[other] = 0;
      if (noted.a.length >= MOST_NOTED || !isWanted(login, other, h, w)) continue;
      noted.a.push(login);
      noted.b.push(other);
      noted.hits.push(h);
      noted.worth.push(w);
    }
  }
  const order = noted.a.map((_, k) => k).sort((p, q) => (noted.worth[q] ?? 0) - (noted.worth[p] ?? 0));
  return {
    count: order.length,
    a: Uint32Array.from(order, (k) => noted.a[k] ?? 0),
    b: Uint32Array.from(order, (k) => noted.b[k] ?? 0),
    hits: Uint8Array.from(order, (k) => noted.hits[k] ?? 0),
    worth: Float32Array.from(order, (k) => noted.worth[k] ?? 0),
  };
}

interface Rarest {
  /** CSR by login: indexes into the table's silences, and whose each is. */
  readonly offsets: Uint32Array;
  readonly gaps: Uint32Array;
  readonly login: Uint32Array;
}

/** Of each login the dozen silences whose cells fewest share. */
function takeRarest({ count, offsets }: PrintTable, density: (i: number) => number): Rarest {
  const kept = new Uint32Array(count + 1);
  for (let login = 0; login < count; login++) {
    const silences = (offsets[login + 1] ?? 0) - (offsets[login] ?? 0);
    kept[login + 1] = (kept[login] ?? 0) + Math.min(GAPS_A_LOGIN, silences);
  }
  const gaps = new Uint32Array(kept[count] ?? 0);
  const login = new Uint32Array(gaps.length);
  for (let id = 0; id < count; id++) {
    const list = Array.from(
      { length: (offsets[id + 1] ?? 0) - (offsets[id] ?? 0) },
      (_, k) => (offsets[id] ?? 0) + k,
    );
    if (list.length > GAPS_A_LOGIN) list.sort((a, b) => density(a) - density(b) || a - b);
    const from = kept[id] ?? 0;
    const to = kept[id + 1] ?? 0;
    for (let k = from; k < to; k++) {
      gaps[k] = list[k - from] ?? 0;
      login[k] = id;
    }
  }
  return { offsets: kept, gaps, login };
}
