/** Searching many logins by an index, and pairs among all of them, on generated fingerprints and hostile ones. */
import { describe, expect, it } from 'vitest';
import { discoverStones } from '../../core/trace/discover.ts';
import type { LoginTable } from '../../core/trace/login-table.ts';
import type { PrintTable } from '../../core/trace/print-table.ts';
import { SearchIndex } from '../../core/trace/search-index.ts';
import { LoginSearch } from '../../core/trace/search.ts';
import { findStones } from '../../core/trace/stepping-stones.ts';
import { host, makeChain, NOON } from '../build/made-chain.ts';
import { makePrints } from '../build/made-prints.ts';
import { makeRandom } from '../build/sessions.ts';

const HOUR = 3600_000;

/** Twenty logins of long life among thousands, each carried by one upstream login. */
function world(logins = 4000, spanMs = 4 * HOUR) {
  const random = makeRandom(4);
  const carried = Array.from({ length: 20 }, (_, k) => k * 150);
  const prints = makePrints({ random, logins, spanMs, from: NOON, carried, loss: 0.05 });
  return { random, carried, prints };
}

const silences = ({ offsets }: PrintTable, id: number): number => (offsets[id + 1] ?? 0) - (offsets[id] ?? 0);

/** Ten thousand logins with the same silences at the same times. */
function crowd(logins: number, times: readonly number[]): PrintTable {
  const gaps = times.length;
  const all = (value: number): Float64Array => new Float64Array(logins).fill(value);
  return {
    count: logins,
    offsets: Uint32Array.from({ length: logins + 1 }, (_, i) => i * gaps),
    from: Float64Array.from({ length: logins * gaps }, (_, i) => times[i % gaps] ?? 0),
    to: Float64Array.from({ length: logins * gaps }, (_, i) => (times[i % gaps] ?? 0) + 20_000),
    doubtful: new Uint8Array(logins * gaps),
    start: all((times[0] ?? 0) - 1000),
    end: all((times.at(-1) ?? 0) + 30_000),
    timeoutMs: all(10_000),
    timingErrorMs: all(1),
    clockTied: new Uint8Array(logins).fill(1),
    seen: all(1),
  };
}

/** Logins of strangers that all touch one host. */
function through(prints: PrintTable): LoginTable {
  const zeros = new Uint8Array(prints.count);
  return {
    prints,
    left: Array.from({ length: prints.count }, () => [0]),
    entered: Array.from({ length: prints.count }, () => [0]),
    start: prints.start,
    end: prints.end,
    openCensored: zeros,
    endCensored: zeros,
  };
}

describe('the search of one target among thousands', () => {
  const { prints, carried } = world();
  const search = new LoginSearch(prints);

  it('finds the login that carried it as the best of all, at 5 % of records lost', () => {
    const enough = carried
      .map((login, k) => [login, 4000 + k] as const)
      .filter((pair) => pair.every((id) => silences(prints, id) >= 12));
    expect(enough.length).toBeGreaterThan(8);
    for (const [target, truth] of enough) expect(search.find(target, 1)[0]?.id).toBe(truth);
  });

  it('keeps no more of them than it was asked for', () => {
    const index = new SearchIndex(prints);
    const target = carried[0] ?? 0;
    const first = prints.offsets[target] ?? 0;
    const last = prints.offsets[target + 1] ?? 0;
    const time = { E: prints.from.slice(first, last), S: prints.to.slice(first, last) };
    const boundaries = {
      count: last - first,
      time,
      since: time,
      doubtful: new Uint8Array(last - first),
      start: 0,
      end: 0,
      lifeMs: 0,
    };
    expect(index.shortlist(boundaries, 5000, 100).length).toBeLessThanOrEqual(100);
    expect(index.shortlist(boundaries, 5000, 100).length).toBeGreaterThan(10);
  });
});

describe('discovery', () => {
  it('finds nearly all planted pairs with enough silences through hosts that others used too, and no false one', () => {
    const { prints, carried, random } = world();
    const hosts = (): number[] => [Math.floor(random() * 200)];
    const left = Array.from({ length: prints.count }, hosts);
    const entered = Array.from({ length: prints.count }, hosts);
    for (const [k, login] of carried.entries()) entered[4000 + k] = left[login] ?? [];
    const { stones, linkedPairs, allPairs } = findStones({ ...through(prints), left, entered });
    const found = new Set(stones.map(({ upstream, downstream }) => `${upstream} ${downstream}`));
    const truth = carried.map((login, k) => [4000 + k, login] as const);
    const enough = truth.filter((pair) => pair.every((id) => silences(prints, id) >= 12));
    expect(enough.filter((pair) => !found.has(pair.join(' ')))).toEqual([]);
    const planted = new Set(truth.map((pair) => pair.join(' ')));
    expect([...found].filter((pair) => !planted.has(pair))).toEqual([]);
    expect(linkedPairs).toBeLessThan(allPairs / 50);
  });

  it('names the machines between the logins of a recorded chain, and how many of the list may be false', () => {
    const { world: flows } = makeChain({ seed: 3, hops: 3, minutes: 14 });
    const { found, expectedFalse, total, notes } = discoverStones([flows.batch()], { limit: 20 });
    expect(new Set(found.map((stone) => stone.host))).toEqual(new Set([host(1), host(2)]));
    expect(total).toBe(2);
    expect(expectedFalse).toBeLessThan(0.5);
    expect(found.every(({ eValue }) => eValue <= expectedFalse)).toBe(true);
    expect(notes[0]).toContain('E-values come from the model');
  });

  it('lists no more than it was asked for, and refuses an unknown site with the names there are', () => {
    const batch = makeChain({ seed: 3, hops: 3, minutes: 14 }).world.batch();
    expect(discoverStones([batch], { limit: 1 })).toMatchObject({ total: 2, found: [{}] });
    expect(() => discoverStones([batch], { limit: 1, site: 'nowhere' })).toThrow(
      'No site is called "nowhere"; the sites are',
    );
  });

  it('of nothing is nothing', () => {
    expect(discoverStones([], { limit: 5 })).toMatchObject({
      found: [],
      total: 0,
      expectedFalse: 0,
      connections: 0,
    });
  });
});

describe('hostile fingerprints', () => {
  it.each([
    ['ten thousand identical beacons', Array.from({ length: 20 }, (_, k) => NOON + k * 60_000)],
    ['all times equal', Array.from({ length: 20 }, () => NOON)],
    ['before time began', Array.from({ length: 20 }, (_, k) => -1e15 + k * 60_000)],
    ['no numbers', Array.from({ length: 20 }, () => Number.NaN)],
  ])('%s are searched and paired in bounded work, and none is found', (_, times) => {
    const prints = crowd(10_000, times);
    expect(new LoginSearch(prints).find(0, 5).filter(({ score }) => score.scoreNats > 5)).toEqual([]);
    const { stones, pairsScored } = findStones(through(prints));
    expect(stones).toEqual([]);
    expect(pairsScored).toBeLessThanOrEqual(60_000);
  });

  it('of one login with a hundred thousand silences among others are searched', () => {
    const { prints } = world(500);
    const many = Array.from({ length: 100_000 }, (_, k) => NOON + k * 25_000);
    const one = crowd(1, many);
    const joined: PrintTable = {
      count: prints.count + 1,
      offsets: Uint32Array.from([...prints.offsets, prints.from.length + many.length]),
      from: Float64Array.from([...prints.from, ...one.from]),
      to: Float64Array.from([...prints.to, ...one.to]),
      doubtful: new Uint8Array(prints.from.length + many.length),
      start: Float64Array.from([...prints.start, ...one.start]),
      end: Float64Array.from([...prints.end, ...one.end]),
      timeoutMs: Float64Array.from([...prints.timeoutMs, ...one.timeoutMs]),
      timingErrorMs: Float64Array.from([...prints.timingErrorMs, ...one.timingErrorMs]),
      clockTied: Uint8Array.from([...prints.clockTied, ...one.clockTied]),
      seen: Float64Array.from([...prints.seen, ...one.seen]),
    };
    expect(new LoginSearch(joined).find(prints.count, 3).filter(({ score }) => score.scoreNats > 10)).toEqual(
      [],
    );
    expect(findStones(through(joined)).stones.filter(({ upstream }) => upstream === prints.count)).toEqual(
      [],
    );
  });
});
