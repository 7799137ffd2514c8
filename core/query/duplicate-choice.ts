/** Which observations of one 5-tuple are kept, where several exporters saw it. The rule stands in duplicates.ts. */

/** How far two exporters' times of one packet may differ. */
const TOLERANCE_MS = 5_000;

/** Exporters that counted at least this part of the most packets count as equally good. */
const NEAR = 0.9;

/** Kept records looked at before one record, so that no crafted file makes the search long. */
const MAX_LOOKED_AT = 256;

/** Columns of observations; an index is one of them. */
export interface Observations {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly packets: Float64Array;
  readonly exporter: Uint32Array;
}

/** By exporter: its place by loss (equal for equal loss) and by name (never equal); the smaller the better. */
export interface ExporterRanks {
  readonly loss: Uint32Array;
  readonly name: Uint32Array;
}

/** Which of these observations of one 5-tuple are kept. `members` is sorted in place; its order does not matter. */
export function keptObservations(
  seen: Observations,
  members: number[],
  ranks: ExporterRanks,
): ReadonlySet<number> {
  const { start, end } = seen;
  const nameOf = (at: number): number => ranks.name[seen.exporter[at] ?? 0] ?? 0;
  members.sort(
    (a, b) =>
      (start[a] ?? 0) - (start[b] ?? 0) || (end[a] ?? 0) - (end[b] ?? 0) || nameOf(a) - nameOf(b) || a - b,
  );
  const kept = new Set<number>();
  let stretch: number[] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const at of members) {
    if (stretch.length > 0 && (start[at] ?? 0) > until + TOLERANCE_MS) {
      keepBest(seen, stretch, ranks, kept);
      stretch = [];
      until = Number.NEGATIVE_INFINITY;
    }
    stretch.push(at);
    until = Math.max(until, end[at] ?? 0);
  }
  keepBest(seen, stretch, ranks, kept);
  return kept;
}

/** The one of two observations by two exporters that is left out, if any: what keptObservations says of them, at once. */
export function worseOfTwo(
  seen: Observations,
  a: number,
  b: number,
  ranks: ExporterRanks,
): number | undefined {
  if (!overlapByHalf(seen, a, b)) return undefined;
  const packetsOf = (at: number): number => seen.packets[at] as number;
  const most = Math.max(packetsOf(a), packetsOf(b));
  const nearA = packetsOf(a) >= NEAR * most;
  const nearB = packetsOf(b) >= NEAR * most;
  if (nearA !== nearB) return nearA ? b : a;
  const rank = (table: Uint32Array, at: number): number => table[seen.exporter[at] as number] as number;
  const byLoss = rank(ranks.loss, a) - rank(ranks.loss, b);
  const byPackets = packetsOf(b) - packetsOf(a);
  const worse =
    (nearA ? byLoss || byPackets : byPackets || byLoss) || rank(ranks.name, a) - rank(ranks.name, b);
  return worse > 0 ? a : b;
}

/** Whether they overlap by half of the shorter of the two, give or take the tolerance. */
function overlapByHalf({ start, end }: Observations, a: number, b: number): boolean {
  const [from, to] = [start[a] as number, end[a] as number];
  const [otherFrom, otherTo] = [start[b] as number, end[b] as number];
  const overlap = Math.min(to, otherTo) - Math.max(from, otherFrom) + TOLERANCE_MS;
  return overlap >= Math.min(to - from, otherTo - otherFrom) / 2;
}

/** Keeps of a connected stretch of time, sorted by start, what its best exporter saw, and of the others what fills holes. */
function keepBest(
  seen: Observations,
  stretch: readonly number[],
  ranks: ExporterRanks,
  kept: Set<number>,
): void {
  const byExporter = new Map<number, { packets: number; records: number[] }>();
  for (const at of stretch) {
    const exporter = seen.exporter[at] ?? 0;
    let account = byExporter.get(exporter);
    if (!account) byExporter.set(exporter, (account = { packets: 0, records: [] }));
    account.packets += seen.packets[at] ?? 0;
    account.records.push(at);
  }
  const timeline = new Timeline(seen);
  for (const exporter of bestFirst(byExporter, ranks)) {
    const own = (byExporter.get(exporter)?.records ?? []).filter((at) => !timeline.covers(at));
    for (const at of own) kept.add(at);
    timeline.add(own);
  }
}

function bestFirst(
  byExporter: ReadonlyMap<number, { readonly packets: number }>,
  ranks: ExporterRanks,
): number[] {
  let most = 0;
  for (const { packets } of byExporter.values()) most = Math.max(most, packets);
  const rank = (table: Uint32Array, exporter: number): number => table[exporter] ?? 0;
  return [...byExporter]
    .sort(([a, { packets: ofA }], [b, { packets: ofB }]) => {
      const nearA = ofA >= NEAR * most;
      const nearB = ofB >= NEAR * most;
      if (nearA !== nearB) return nearA ? -1 : 1;
      const byLoss = rank(ranks.loss, a) - rank(ranks.loss, b);
      const byPackets = ofB - ofA;
      const first = nearA ? byLoss || byPackets : byPackets || byLoss;
      return first || rank(ranks.name, a) - rank(ranks.name, b);
    })
    .map(([exporter]) => exporter);
}

/** Records that are kept, by start. */
class Timeline {
  readonly #seen: Observations;
  #records: number[] = [];
  #longest = 0;

  constructor(seen: Observations) {
    this.#seen = seen;
  }

  /** `records` by start. */
  add(records: readonly number[]): void {
    const { start, end } = this.#seen;
    for (const at of records) this.#longest = Math.max(this.#longest, (end[at] ?? 0) - (start[at] ?? 0));
    this.#records = [...this.#records, ...records].sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0));
  }

  /** True where a kept record overlaps this one by half of the shorter of the two, give or take the tolerance. */
  covers(at: number): boolean {
    const { start, end } = this.#seen;
    const from = start[at] ?? 0;
    const to = end[at] ?? 0;
    const records = this.#records;
    let low = 0;
    for (let high = records.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((start[records[middle] ?? 0] ?? 0) <= to + TOLERANCE_MS) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0 && i >= low - MAX_LOOKED_AT; i--) {
      const other = records[i] ?? 0;
      if ((start[other] ?? 0) + this.#longest + TOLERANCE_MS < from) return false;
      if (overlapByHalf(this.#seen, at, other)) return true;
    }
    return false;
  }
}
