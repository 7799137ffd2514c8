/**
 * Clocks compared by what two exporters both saw.
 *
 * The same public 5-tuple, reported from two sites, opened and closed at the same moments but for path delay. Where both
 * differences agree they are the offset between the two clocks; the median over all such 5-tuples is taken, clocks are
 * linked by their best-supported pairs, and each group is set by its median clock: most clocks are right.
 */
import { median } from '../math/statistics.ts';
import type { Observer } from './observers.ts';
import { withoutNoise } from './clock.ts';
import { conversationKey } from './conversation.ts';
import type { Records } from './records.ts';

/** Opening and closing must tell the same offset, but for rounding and expiry. */
const AGREEMENT_MS = 1200;

interface Span {
  start: number;
  end: number;
}

/** Corrects record times in place by the offsets found, and notes them on the observers. */
export function alignClocks(records: Records, observers: readonly Observer[]): void {
  if (observers.every((observer) => observer.clockTied)) return;
  const names = observers.map(({ exporter, site }) => `${exporter.address}@${site}`);
  const clocks = [...new Set(names)];
  const clockOf = names.map((name) => clocks.indexOf(name));
  const offsets = solveOffsets(clocks.length, compareClocks(records, clockOf));
  const shift = new Float64Array(observers.length);
  for (const [o, observer] of observers.entries()) {
    const offset = offsets[clockOf[o] ?? 0];
    if (observer.clockTied || offset === undefined) continue;
    observer.clockTied = true;
    const ahead = withoutNoise(offset);
    observer.clockAheadMs += ahead;
    shift[o] = -ahead;
  }
  for (let i = 0; i < records.count; i++) {
    const by = shift[records.observer[i] ?? 0] ?? 0;
    records.start[i] = (records.start[i] ?? 0) + by;
    records.end[i] = (records.end[i] ?? 0) + by;
  }
}

/** For each pair of clocks "a b" (a < b): how far a runs ahead of b by each 5-tuple that both saw, ms. */
function compareClocks(records: Records, clockOf: readonly number[]): Map<string, number[]> {
  const tuples = new Map<string, Map<number, Span>>();
  for (let i = 0; i < records.count; i++) {
    const key = conversationKey(records, i);
    const clock = clockOf[records.observer[i] ?? 0] ?? 0;
    let spans = tuples.get(key);
    if (!spans) {
      spans = new Map();
      tuples.set(key, spans);
    }
    const [start, end] = [records.start[i] ?? 0, records.end[i] ?? 0];
    const span = spans.get(clock);
    if (!span) spans.set(clock, { start, end });
    else {
      span.start = Math.min(span.start, start);
      span.end = Math.max(span.end, end);
    }
  }
  const differences = new Map<string, number[]>();
  for (const spans of tuples.values()) {
    for (const [a, one] of spans) {
      for (const [b, other] of spans) {
        const [opens, closes] = [one.start - other.start, one.end - other.end];
        if (a >= b || Math.abs(opens - closes) > AGREEMENT_MS) continue;
        const key = `${a} ${b}`;
        const list = differences.get(key) ?? [];
        list.push((opens + closes) / 2);
        differences.set(key, list);
      }
    }
  }
  return differences;
}

/** How far each clock runs ahead of its group's median clock; undefined for clocks that share nothing with another. */
function solveOffsets(clocks: number, differences: ReadonlyMap<string, number[]>): (number | undefined)[] {
  const offsets = Array.from<number | undefined>({ length: clocks });
  const links = [...differences]
    .map(([key, values]) => {
      const [a = 0, b = 0] = key.split(' ').map(Number);
      return { a, b, ahead: median(values), weight: values.length };
    })
    .toSorted((one, other) => other.weight - one.weight);
  for (let root = 0; root < clocks; root++) {
    if (offsets[root] !== undefined || !links.some(({ a, b }) => a === root || b === root)) continue;
    const group = [root];
    offsets[root] = 0;
    for (let link = nextLink(links, offsets); link; link = nextLink(links, offsets)) {
      const { a, b, ahead } = link;
      const [known, found, sign] = offsets[a] === undefined ? [b, a, 1] : [a, b, -1];
      offsets[found] = (offsets[known] ?? 0) + sign * ahead;
      group.push(found);
    }
    const middle = median(group.map((clock) => offsets[clock] ?? 0));
    for (const clock of group) offsets[clock] = (offsets[clock] ?? 0) - middle;
  }
  return offsets;
}

interface Link {
  readonly a: number;
  readonly b: number;
  readonly ahead: number;
  readonly weight: number;
}

/** The best-supported link from a clock that is placed to one that is not. */
function nextLink(links: readonly Link[], offsets: readonly (number | undefined)[]): Link | undefined {
  return links.find(({ a, b }) => (offsets[a] === undefined) !== (offsets[b] === undefined));
}
