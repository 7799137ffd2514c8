/** What one made-up internet shows of the engine and of plain CPF: every pair scored by both, every chain traced by both. */
import { ApiError } from '../../core/model/api-error.ts';
import type { Hop, TraceResult } from '../../core/model/trace-result.ts';
import { buildConnections } from '../../core/trace/connections.ts';
import { correlationPointFunction, durations } from '../../core/trace/cpf.ts';
import { gatherRecords, type Gathered } from '../../core/trace/records.ts';
import { estimateTimeouts } from '../../core/trace/timeouts.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { groupTwins } from '../../core/trace/twins.ts';
import { Suspects, type Suspect } from '../../core/trace/suspects.ts';
import { Comparison, isRelated } from '../../core/trace/witness.ts';
import type { SweepLogin, SweepWorld } from '../build/trace-sweep.ts';

export const CPF_VERDICT = 0.8;
/** A hop is named where at most so many false ones are to be expected among those asked about. */
export const PROMISES = [0.01, 0.1, 1] as const;
const INFERRED_PROMISE = 0.001;

/** Scores of pairs that are nobody's chain, counted in narrow bins: ten million of them fit into a page. */
export class Tail {
  readonly #counts: Float64Array;
  readonly #least: number;
  readonly #step: number;
  total = 0;

  constructor(least: number, most: number, bins: number) {
    this.#counts = new Float64Array(bins + 1);
    this.#least = least;
    this.#step = (most - least) / bins;
  }

  /** The bins that hold anything: flat pairs of bin and count. */
  toJSON(): number[] {
    return [...this.#counts.entries()].filter(([, count]) => count > 0).flat();
  }

  addCounts(pairs: readonly number[]): void {
    for (let i = 0; i < pairs.length; i += 2) {
      const [bin, count] = [pairs[i] ?? 0, pairs[i + 1] ?? 0];
      this.#counts[bin] = (this.#counts[bin] ?? 0) + count;
      this.total += count;
    }
  }

  add(score: number): void {
    const bin = Math.floor((score - this.#least) / this.#step);
    const at = Math.max(0, Math.min(this.#counts.length - 1, Number.isNaN(bin) ? 0 : bin));
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.total++;
  }

  /** The least score that at most `rate` of all pairs exceed. */
  threshold(rate: number): number {
    let above = 0;
    for (let bin = this.#counts.length - 1; bin >= 0; bin--) {
      above += this.#counts[bin] ?? 0;
      if (above > rate * this.total) return this.#least + (bin + 1) * this.#step;
    }
    return this.#least;
  }
}

/** Sums over the internets of one row; JSON keeps all of them, so that rows can be made in parts. */
export class Tally {
  readonly negatives = { ours: new Tail(-100, 300, 8000), cpf: new Tail(0, 1, 10_000) };
  readonly positives: { readonly ours: number; readonly cpf: number; readonly found: boolean }[] = [];
  /** False pairs at each of the promises, and how many were promised. */
  readonly falseHits = PROMISES.map(() => 0);
  readonly promisedHits = PROMISES.map(() => 0);
  refusedPairs = 0;
  cpfFalse = 0;
  /** Pairs of two programs, and how many of them were called related. */
  programPairs = 0;
  programHits = 0;
  programCpf = 0;
  chains = 0;
  exact = 0;
  cpfExact = 0;
  falseHops = 0;
  promisedHops = 0;
  refusedChains = 0;
  connections = 0;
  pairMs = 0;
  traceMs = 0;
  peakBytes = 0;

  /** Adds what another run counted, as `JSON.parse` gives it. */
  merge(other: WrittenTally): void {
    this.negatives.ours.addCounts(other.negatives.ours);
    this.negatives.cpf.addCounts(other.negatives.cpf);
    this.positives.push(
      ...other.positives.map((pair) => ({ ...pair, ours: pair.ours ?? Number.NEGATIVE_INFINITY })),
    );
    for (const p of PROMISES.keys()) {
      this.falseHits[p] = (this.falseHits[p] ?? 0) + (other.falseHits[p] ?? 0);
      this.promisedHits[p] = (this.promisedHits[p] ?? 0) + (other.promisedHits[p] ?? 0);
    }
    for (const name of sums) this[name] += other[name];
    this.peakBytes = Math.max(this.peakBytes, other.peakBytes);
  }
}

const sums = [
  'refusedPairs',
  'cpfFalse',
  'programPairs',
  'programHits',
  'programCpf',
  'chains',
  'exact',
  'cpfExact',
  'falseHops',
  'promisedHops',
  'refusedChains',
  'connections',
  'pairMs',
  'traceMs',
] as const;

export type WrittenTally = Readonly<Record<(typeof sums)[number] | 'peakBytes', number>> & {
  readonly negatives: { readonly ours: readonly number[]; readonly cpf: readonly number[] };
  /** A score of minus infinity is written as null. */
  readonly positives: readonly {
    readonly ours: number | null;
    readonly cpf: number;
    readonly found: boolean;
  }[];
  readonly falseHits: readonly number[];
  readonly promisedHits: readonly number[];
};

interface Known {
  readonly suspect: Suspect;
  readonly login: SweepLogin;
  readonly list: Float64Array;
}

/** Traces all chains of a world, and scores all of its pairs where `pairs` says so. */
export function measureWorld(world: SweepWorld, tally: Tally, pairs: boolean): void {
  const gathered = gatherRecords([world.batch]);
  const connections = buildConnections(gathered);
  estimateTimeouts(gathered.records, connections, gathered.observers);
  const suspects = new Suspects(gathered.records, gathered.observers, groupTwins(gathered, connections));
  const known = identify(world, gathered, suspects.all());
  tally.connections += connections.count;
  if (pairs) measurePairs(known, suspects, tally);
  for (const [c, chain] of world.chains.entries()) {
    tally.chains++;
    traceByEngine(world, c, tally);
    if (traceByCpf(known, chain)) tally.cpfExact++;
  }
  tally.peakBytes = Math.max(tally.peakBytes, process.memoryUsage().rss);
}

/** The suspect that stands for each login: where its views were not united, the one with most records. */
function identify(world: SweepWorld, { hosts }: Gathered, suspects: readonly Suspect[]): Map<number, Known> {
  const known = new Map<number, Known>();
  const weight = ({ login }: Suspect): number =>
    login.views.reduce(
      (sum, { observations }) => sum + observations.reduce((all, { records }) => all + records.length, 0),
      0,
    );
  for (const suspect of suspects) {
    const login = suspect.login.views
      .flatMap(({ client, server }) => [client, server])
      .map(({ host, port }) => world.byClient.get(`${hosts[host]?.address}:${port}`))
      .find((found) => found !== undefined);
    const other = login && known.get(login.id);
    if (!login || (other && weight(other.suspect) >= weight(suspect))) continue;
    known.set(login.id, { suspect, login, list: durations(suspect.fingerprint) });
  }
  return known;
}

function measurePairs(known: ReadonlyMap<number, Known>, suspects: Suspects, tally: Tally): void {
  const compare = new Comparison(suspects);
  const all = [...known.values()];
  const start = performance.now();
  for (const target of all) {
    const asked = compare.comparable(target.suspect);
    for (const [p, promise] of PROMISES.entries())
      tally.promisedHits[p] = (tally.promisedHits[p] ?? 0) + promise;
    for (const candidate of all) {
      if (candidate === target) continue;
      const { chain } = target.login;
      const upstream = chain !== undefined && candidate.login.chain === chain;
      if (upstream && candidate.login.hop !== previousSeen(all, target.login)) continue;
      const ours = compare.score(target.suspect, candidate.suspect)?.scoreNats ?? Number.NEGATIVE_INFINITY;
      const cpf = correlationPointFunction(target.list, candidate.list);
      if (upstream) {
        tally.positives.push({ ours, cpf, found: asked * Math.exp(-ours) <= PROMISES[0] });
        if (!isRelated(compare.potential(target.suspect, candidate.suspect), asked)) tally.refusedPairs++;
        continue;
      }
      tally.negatives.ours.add(ours);
      tally.negatives.cpf.add(cpf);
      if (cpf > CPF_VERDICT) tally.cpfFalse++;
      for (const [p, promise] of PROMISES.entries())
        if (asked * Math.exp(-ours) <= promise) tally.falseHits[p] = (tally.falseHits[p] ?? 0) + 1;
      if (target.login.kind !== 'person' && candidate.login.kind !== 'person') {
        tally.programPairs++;
        if (asked * Math.exp(-ours) <= PROMISES[0]) tally.programHits++;
        if (cpf > CPF_VERDICT) tally.programCpf++;
      }
    }
  }
  tally.pairMs += performance.now() - start;
}

/** The nearest earlier hop of the same chain that some exporter saw. */
function previousSeen(all: readonly Known[], { chain, hop }: SweepLogin): number {
  const hops = all.flatMap(({ login }) => (login.chain === chain && login.hop < hop ? [login.hop] : []));
  return Math.max(-1, ...hops);
}

function traceByEngine(world: SweepWorld, c: number, tally: Tally): void {
  const [question, chain] = [world.questions[c], world.chains[c]];
  if (!question || !chain) throw new Error(`no chain ${c}`);
  const start = performance.now();
  let result: TraceResult;
  try {
    result = traceBack([world.batch], question);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tally.refusedChains++;
    return;
  } finally {
    tally.traceMs += performance.now() - start;
  }
  const hops = result.paths[0]?.hops ?? [];
  const found = hops.map((hop) => (hop.kind === 'inferred' ? '?' : nameHop(world, hop)));
  const wanted = chain.map((login) => (login.seen ? `${login.id}` : '?'));
  const truth = wanted.filter((name, i) => name !== '?' || wanted[i - 1] !== '?');
  if (found.join(' ') === truth.join(' ')) tally.exact++;
  tally.falseHops += found.filter((name) => name !== '?' && !truth.includes(name)).length;
  tally.promisedHops += hops.filter(({ kind }) => kind === 'login').length * (PROMISES[0] + INFERRED_PROMISE);
  if (result.notes.some((note) => note.startsWith('Insufficient evidence'))) tally.refusedChains++;
}

/** The number of the login that a hop's views belong to, all of them. */
function nameHop(world: SweepWorld, hop: Hop): string {
  const names = new Set(
    hop.connections.map(
      (view) => world.byClient.get(`${view.source}:${view.sourcePort}`)?.id.toString() ?? 'nobody',
    ),
  );
  return [...names].join('+');
}

/** The published way: whoever resembles the target, in the order of opening, is the chain. */
function traceByCpf(known: ReadonlyMap<number, Known>, chain: readonly SweepLogin[]): boolean {
  const target = known.get(chain.at(-1)?.id ?? -1);
  if (!target) return false;
  const named = [...known.values()]
    .filter((one) => one !== target && correlationPointFunction(target.list, one.list) > CPF_VERDICT)
    .toSorted((a, b) => a.suspect.start - b.suspect.start)
    .map(({ login }) => login.id);
  const truth = chain.slice(0, -1).filter(({ seen }) => seen);
  return named.join(' ') === truth.map(({ id }) => id).join(' ');
}
