/**
 * Stepping stones planted among logins of strangers, at 5 % record loss: how many are found, how many found are false.
 * Times are CPU time. `npx node test/bench/discover.ts [LOGINS] [HOURS]`.
 */
import type { LoginTable } from '../../core/trace/login-table.ts';
import { findStones } from '../../core/trace/stepping-stones.ts';
import { NOON } from '../build/made-chain.ts';
import { makePrints } from '../build/made-prints.ts';
import { makeRandom } from '../build/sessions.ts';

const [logins = 100_000, hours = 24] = process.argv.slice(2).map(Number);
const PLANTED = 200;
/** Logins a host: enough for chance to be asked about. */
const HOSTS = Math.ceil(logins / 20);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function world(seed: number): { table: LoginTable; carried: number[] } {
  const random = makeRandom(seed);
  const strangers = logins - PLANTED;
  const carried = [...new Set(Array.from({ length: PLANTED }, () => Math.floor(random() * strangers)))];
  const prints = makePrints({
    random,
    logins: strangers,
    spanMs: hours * 3600_000,
    from: NOON,
    lifeMs: 900_000,
    carried,
    loss: 0.05,
  });
  const host = (): number => Math.floor(random() * HOSTS);
  const left = Array.from({ length: prints.count }, () => [host()]);
  const entered = Array.from({ length: prints.count }, () => [host()]);
  for (const [k, login] of carried.entries()) entered[strangers + k] = left[login] ?? [];
  const seen = new Uint8Array(prints.count);
  const table = {
    prints,
    left,
    entered,
    start: prints.start,
    end: prints.end,
    openCensored: seen,
    endCensored: seen,
  };
  return { table, carried };
}

say(
  '| seed | logins | planted | with 10 silences | of these found | false | pairs scored | CPU s | peak MB |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const seed of [1, 2, 3]) {
  const { table, carried } = world(seed);
  const { offsets, count } = table.prints;
  const before = process.cpuUsage();
  const { stones, pairsScored } = findStones(table);
  const { user, system } = process.cpuUsage(before);
  const truth = new Map(carried.map((login, k) => [count - carried.length + k, login]));
  const silences = (id: number): number => (offsets[id + 1] ?? 0) - (offsets[id] ?? 0);
  const enough = [...truth].filter((pair) => Math.min(...pair.map(silences)) >= 10);
  const named = new Set(
    stones
      .filter(({ upstream, downstream }) => truth.get(upstream) === downstream)
      .map(({ upstream }) => upstream),
  );
  const found = enough.filter(([upstream]) => named.has(upstream)).length;
  const row = [
    seed,
    count.toLocaleString('en'),
    `${carried.length} (${named.size} found)`,
    enough.length,
    `${found} (${((found / enough.length) * 100).toFixed(1)} %)`,
    stones.length - named.size,
    pairsScored,
    ((user + system) / 1e6).toFixed(1),
    (process.resourceUsage().maxRSS / 1024).toFixed(0),
  ];
  say(`| ${row.join(' | ')} |`);
}
