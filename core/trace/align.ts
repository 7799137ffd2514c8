/**
 * Clocks compared by what two exporters both saw.
 *
 * The same public 5-tuple, reported from two sites, opened and closed at the same moments but for path delay. Where both
 * differences agree they are the offset between the two clocks; a robust line over all such 5-tuples tells offset and
 * drift, clocks are linked by their best-supported pairs, and each group is set by its median clock: most clocks are right.
 */
import { fitRobustLine } from '../math/robust-line.ts';
import { median } from '../math/statistics.ts';
import { correctTime, type Observer } from './observers.ts';
import { isDrift, withoutNoise, type ClockFit } from './clock.ts';
import { numberConversations } from './conversation.ts';
import type { Records } from './records.ts';

/** Opening and closing must tell the same offset, but for rounding and expiry. */
const AGREEMENT_MS = 1200;

interface Span {
  start: number;
  end: number;
}

/** Corrects record times in place by the offsets and drifts found, and notes them on the observers. */
export function alignClocks(records: Records, observers: readonly Observer[]): void {
  if (observers.every((observer) => observer.clockTied !== null)) return;
  const names = observers.map(({ exporter, site }) => `${exporter.address}@${site}`);
  const clocks = [...new Set(names)];
  if (clocks.length < 2) return;
  const clockOf = names.map((name) => clocks.indexOf(name));
  const fits = solveClocks(clocks.length, compareClocks(records, clockOf));
  const moved = observers.map((observer, o): ClockFit | undefined => {
    const fit = fits[clockOf[o] ?? 0];
    if (observer.clockTied !== null || !fit) return undefined;
    observer.clockTied = 'shared-flows';
    observer.clock = fit;
    return fit;
  });
  for (let i = 0; i < records.count; i++) {
    const fit = moved[records.observer[i] ?? 0];
    if (!fit) continue;
    records.start[i] = correctTime(fit, records.start[i] ?? 0);
    records.end[i] = correctTime(fit, records.end[i] ?? 0);
  }
}

/** By how much one clock runs ahead of another at the middle of what both saw, one entry a shared 5-tuple. */
interface Differences {
  readonly at: number[];
  readonly ahead: number[];
}

/** For each pair of clocks "a b" (a < b): how far a runs ahead of b by each 5-tuple that both saw. */
function compareClocks(records: Records, clockOf: readonly number[]): Map<string, Differences> {
  const { count, of } = numberConversations(records);
  const heardBy = new Int32Array(count).fill(-1);
  const shared = new Uint8Array(count);
  for (let i = 0; i < records.count; i++) {
    const [tuple, clock] = [of[i] ?? 0, clockOf[records.observer[i] ?? 0] ?? 0];
    if (heardBy[tuple] === -1) heardBy[tuple] = clock;
    else if (heardBy[tuple] !== clock) shared[tuple] = 1;
  }
  const tuples = new Map<number, Map<number, Span>>();
  for (let i = 0; i < records.count; i++) {
    const tuple = of[i] ?? 0;
    if (!shared[tuple]) continue;
    const clock = clockOf[records.observer[i] ?? 0] ?? 0;
    let spans = tuples.get(tuple);
    if (!spans) {
      spans = new Map();
      tuples.set(tuple, spans);
    }
    const [start, end] = [records.start[i] ?? 0, records.end[i] ?? 0];
    const span = spans.get(clock);
    if (!span) spans.set(clock, { start, end });
    else {
      span.start = Math.min(span.start, start);
      span.end = Math.max(span.end, end);
    }
  }
  const differences = new Map<string, Differences>();
  for (const spans of tuples.values()) {
    for (const [a, one] of spans) {
      for (const [b, other] of spans) {
        const [opens, closes] = [one.start - other.start, one.end - other.end];
        if (a >= b || Math.abs(opens - closes) > AGREEMENT_MS) continue;
        const key = `${a} ${b}`;
        const list = differences.get(key) ?? { at: [], ahead: [] };
        list.at.push((one.start + one.end) / 2);
        list.ahead.push((opens + closes) / 2);
        differences.set(key, list);
      }
    }
  }
  return differences;
}

/** Each clock against its group's median clock; undefined for clocks that share nothing with another. */
function solveClocks(
  clocks: number,
  differences: ReadonlyMap<string, Differences>,
): (ClockFit | undefined)[] {
  const fits = Array.from<ClockFit | undefined>({ length: clocks });
  const middles = [...differences.values()].map(({ at }) => median(at));
  const centreMs = middles.length > 0 ? median(middles) : 0;
  const links = [...differences]
    .map(([key, values]) => {
      const [a = 0, b = 0] = key.split(' ').map(Number);
      return { a, b, fit: fitDifferences(values, centreMs) };
    })
    .toSorted((one, other) => other.fit.observations - one.fit.observations);
  const linked = new Set(links.flatMap(({ a, b }) => [a, b]));
  for (let root = 0; root < clocks; root++) {
    if (fits[root] || !linked.has(root)) continue;
    const group = [root];
    fits[root] = { aheadMs: 0, drift: 0, centreMs, aheadErrorMs: null, driftError: null, observations: 0 };
    for (let link = nextLink(links, fits); link; link = nextLink(links, fits)) {
      const { a, b, fit } = link;
      const [known, found, sign] = fits[a] === undefined ? [b, a, 1] : [a, b, -1];
      fits[found] = {
        ...fit,
        aheadMs: (fits[known]?.aheadMs ?? 0) + sign * fit.aheadMs,
        drift: (fits[known]?.drift ?? 0) + sign * fit.drift,
      };
      group.push(found);
    }
    const middle = median(group.map((clock) => fits[clock]?.aheadMs ?? 0));
    const usual = median(group.map((clock) => fits[clock]?.drift ?? 0));
    for (const clock of group) {
      const fit = fits[clock];
      if (!fit) continue;
      fits[clock] = { ...fit, aheadMs: withoutNoise(fit.aheadMs - middle), drift: fit.drift - usual };
    }
  }
  return fits;
}

function fitDifferences({ at, ahead }: Differences, centreMs: number): ClockFit {
  const line = fitRobustLine(at, ahead);
  const span =
    at.reduce((most, time) => Math.max(most, time), -Infinity) -
    at.reduce((least, time) => Math.min(least, time), Infinity);
  const drifts = line !== undefined && isDrift(line, span);
  return {
    aheadMs: drifts ? line.level + line.slope * (centreMs - line.centre) : median(ahead),
    drift: drifts ? line.slope : 0,
    centreMs,
    aheadErrorMs: line?.levelError ?? null,
    driftError: line?.slopeError ?? null,
    observations: at.length,
  };
}

interface Link {
  readonly a: number;
  readonly b: number;
  readonly fit: ClockFit;
}

/** The best-supported link from a clock that is placed to one that is not. */
function nextLink(links: readonly Link[], fits: readonly (ClockFit | undefined)[]): Link | undefined {
  return links.find(({ a, b }) => (fits[a] === undefined) !== (fits[b] === undefined));
}
