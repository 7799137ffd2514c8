/**
 * One target against a million logins: the index's shortlist scored exactly, and every login scored for comparison (on a
 * part, since that takes minutes). Times are CPU time. `npx node --expose-gc test/bench/trace-search.ts [LOGINS] [HOURS]`.
 */
import { median, quantile } from '../../core/math/statistics.ts';
import { scorePair } from '../../core/trace/pair-score.ts';
import { TableSides } from '../../core/trace/print-table.ts';
import { LoginSearch } from '../../core/trace/search.ts';
import { NOON } from '../build/made-chain.ts';
import { makePrints } from '../build/made-prints.ts';
import { makeRandom } from '../build/sessions.ts';

const [logins = 1_000_000, hours = 24] = process.argv.slice(2).map(Number);
const TARGETS = 50;
const BRUTE = 20_000;
const MB = 1024 * 1024;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const heap = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MB;
};
function timed<T>(run: () => T): [T, number] {
  const start = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(start);
  return [value, (user + system) / 1000];
}

const random = makeRandom(12);
const carried = Array.from({ length: TARGETS }, () => Math.floor(random() * logins));
const table = makePrints({
  random,
  logins: logins - TARGETS,
  spanMs: hours * 3600_000,
  from: NOON,
  carried,
  loss: 0.05,
});
const withTable = heap();
const [search, indexMs] = timed(() => new LoginSearch(table));
const withIndex = heap();
const [, firstMs] = timed(() => search.find(0, 1));
say(
  `${logins.toLocaleString('en')} logins over ${hours} h, ${table.from.length.toLocaleString('en')} silences, 5 % of records lost`,
);
say(
  `fingerprints ${withTable.toFixed(0)} MB; index ${(withIndex - withTable).toFixed(0)} MB in ${indexMs.toFixed(0)} ms; population and first search ${firstMs.toFixed(0)} ms`,
);

const sides = new TableSides(table);
let [found, comparable] = [0, 0];
const times: number[] = [];
for (const [k, target] of carried.entries()) {
  const truth = logins - TARGETS + k;
  const own = scorePair(...sides.pair(target, truth))?.scoreNats ?? 0;
  const [best, ms] = timed(() => search.find(target, 1)[0]);
  times.push(ms);
  if (own <= Math.log(logins / 0.001)) continue;
  comparable++;
  if (best?.id === truth) found++;
}
say(
  `one search: ${median(times).toFixed(0)} ms (90 % within ${quantile(times, 0.9).toFixed(0)} ms); peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB resident`,
);
say(
  `true upstream logins that convince when scored: ${comparable} of ${TARGETS}; of these found as the best of all: ${found}`,
);
const [, bruteMs] = timed(() => {
  for (let k = 0; k < BRUTE; k++) scorePair(...sides.pair(carried[k % TARGETS] ?? 0, (k * 31) % logins));
});
say(
  `without the index: ${(((bruteMs / BRUTE) * logins) / 1000).toFixed(1)} s a search, by ${BRUTE.toLocaleString('en')} pairs scored`,
);
