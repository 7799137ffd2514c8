/** Generated fingerprints in bulk: people who type and pause, some of whom carry others. */
import type { PrintTable } from '../../core/trace/print-table.ts';
import type { Random } from './sessions.ts';

export interface MadePrintsOptions {
  readonly random: Random;
  readonly logins: number;
  /** Logins start evenly over this time. */
  readonly spanMs: number;
  readonly from: number;
  /** Mean life; lives are exponential, between two minutes and four times this. */
  readonly lifeMs?: number;
  readonly timeoutMs?: number;
  /** The last of them carry these: login `logins + k` is an upstream copy of `carried[k]`. */
  readonly carried?: readonly number[];
  /** The part of records that are lost, on both sides of a pair, each on its own. */
  readonly loss?: number;
}

/** Log-normal pauses with a median of 14 s; those over the timeout are silences. */
const pause = (random: Random): number =>
  14_000 * Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));

/** A table of logins, their true upstream copies at its end. */
export function makePrints(options: MadePrintsOptions): PrintTable {
  const {
    random,
    logins,
    spanMs,
    from: first,
    lifeMs = 600_000,
    timeoutMs = 10_000,
    carried = [],
    loss = 0,
  } = options;
  const count = logins + carried.length;
  let [from, to] = [new Float64Array(logins * 16), new Float64Array(logins * 16)];
  const offsets = new Uint32Array(count + 1);
  const [start, end] = [new Float64Array(count), new Float64Array(count)];
  let n = 0;
  const add = (E: number, S: number): void => {
    if (n === from.length) {
      const [longerFrom, longerTo] = [new Float64Array(n * 2), new Float64Array(n * 2)];
      longerFrom.set(from);
      longerTo.set(to);
      [from, to] = [longerFrom, longerTo];
    }
    from[n] = E;
    to[n++] = S;
  };
  /** Both ends of each activity, of which some records never arrive. */
  const post = (login: number, periods: readonly number[]): void => {
    start[login] = periods[0] ?? 0;
    end[login] = periods.at(-1) ?? 0;
    let since = periods[1] ?? 0;
    for (let i = 2; i < periods.length; i += 2) {
      const isLast = i + 2 >= periods.length;
      if (!isLast && random() < loss) continue;
      add(since, periods[i] ?? 0);
      since = periods[i + 1] ?? 0;
    }
    offsets[login + 1] = n;
  };
  const kept = new Set(carried);
  const activities = new Map<number, number[]>();
  for (let login = 0; login < logins; login++) {
    const open = first + random() * spanMs;
    const life = Math.min(4 * lifeMs, Math.max(120_000, -lifeMs * Math.log(1 - random())));
    const periods = [open];
    for (let at = open; at < open + life;) {
      at += 500 + random() * 6000;
      let gap = pause(random);
      while (gap < timeoutMs) {
        at += gap;
        gap = pause(random);
      }
      periods.push(at, (at += gap));
    }
    periods.push((periods.at(-1) ?? 0) + 1000);
    if (kept.has(login)) activities.set(login, periods);
    post(login, periods);
  }
  for (const [k, login] of carried.entries()) {
    const periods = (activities.get(login) ?? []).map((time) => time - 40 + random() * 200 - 100);
    periods[0] = (periods[0] ?? 0) - 3000;
    periods[periods.length - 1] = (periods.at(-1) ?? 0) + 3000;
    post(logins + k, periods);
  }
  return {
    count,
    offsets,
    from: from.slice(0, n),
    to: to.slice(0, n),
    doubtful: new Uint8Array(n),
    start,
    end,
    timeoutMs: new Float64Array(count).fill(timeoutMs),
    timingErrorMs: new Float64Array(count).fill(70),
    clockTied: new Uint8Array(count).fill(1),
    seen: new Float64Array(count).fill(1),
  };
}
