/** Made-up internets with known chains of logins in them, for the sweeps: see test/bench/traceback.ts. */
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import { epochMs } from '../../core/model/time.ts';
import type { Question } from '../../core/model/trace-question.ts';
import { makeRandom, type Random } from './sessions.ts';
import { exportPassing, type Passing, type SweepExporter } from './trace-sweep-cache.ts';
import {
  keepBeat,
  makeTrain,
  poissonTimes,
  runCron,
  typePerson,
  uniform,
  withKeepAlive,
  type Doings,
  type Train,
} from './trace-sweep-people.ts';

type Range = readonly [number, number];

export interface SweepOptions {
  readonly chains: number;
  /** Logins of a chain. */
  readonly logins: Range;
  readonly sites: number;
  readonly people: number;
  readonly beacons: number;
  readonly cron: number;
  readonly minutes: number;
  readonly recordLoss: number;
  readonly datagramLoss: number;
  /** Clocks are off by as much, either way. */
  readonly skewMs: number;
  readonly driftPpm: number;
  /** A stepping stone holds keys back by up to as much, in order. */
  readonly jitterMs: number;
  readonly idleMs: Range;
  readonly activeMs: Range;
  readonly sampling: number;
  /** Keys a minute on the first login that the next does not carry, and on the last that the one before does not. */
  readonly chaffUpstream: number;
  readonly chaffDownstream: number;
  /** Whose hosts stand behind a router's one address: the first of a chain, the last, or all of them. */
  readonly nat: 'none' | 'source' | 'destination' | 'both';
  /** Logins of a chain that no exporter saw. */
  readonly missing: number;
  /** False where nobody noted when datagrams arrived. */
  readonly received: boolean;
  readonly versions: readonly (5 | 9 | 10)[];
  /** The part of connections whose client probes a silent server. */
  readonly keepAlive: number;
  /** Connections of a few packets, such as most are. */
  readonly passersby: number;
}

export const cleanSweep: SweepOptions = {
  chains: 12,
  logins: [2, 4],
  sites: 12,
  people: 240,
  beacons: 36,
  cron: 24,
  minutes: 20,
  recordLoss: 0,
  datagramLoss: 0,
  skewMs: 0,
  driftPpm: 0,
  jitterMs: 0,
  idleMs: [15_000, 15_000],
  activeMs: [60_000, 1_800_000],
  sampling: 1,
  chaffUpstream: 0,
  chaffDownstream: 0,
  nat: 'none',
  missing: 0,
  received: true,
  versions: [5, 9, 10],
  keepAlive: 0,
  passersby: 0,
};

export interface SweepLogin {
  readonly id: number;
  readonly chain: number | undefined;
  readonly hop: number;
  readonly kind: 'person' | 'beacon' | 'cron';
  /** `address:port` of its client, before and after translation. */
  readonly clients: readonly string[];
  readonly seen: boolean;
}

export interface SweepWorld {
  readonly batch: SitedBatch;
  readonly logins: readonly SweepLogin[];
  /** Logins of each chain, attacker's first. */
  readonly chains: readonly (readonly SweepLogin[])[];
  /** What an investigator would ask of each chain. */
  readonly questions: readonly Question[];
  /** The login that a client endpoint belongs to. */
  readonly byClient: ReadonlyMap<string, SweepLogin>;
}

/** Midnight and a half past noon are alike to a person, not to cron: the epoch lies on no full minute. */
const EPOCH = Date.UTC(2026, 4, 13, 9, 0, 17);
const HOSTS_A_SITE = 4;
/** Client ports as Linux has them, before and after translation. */
const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;
const beaconPeriods = [20_000, 30_000, 30_000, 60_000, 60_000, 60_000, 45_000, 300_000];

interface Place {
  readonly site: number;
  readonly host: number;
}

interface Site {
  readonly wan: SweepExporter;
  readonly lan: SweepExporter;
  readonly dark: boolean;
}

export function makeSweepWorld(seed: number, options: SweepOptions): SweepWorld {
  const random = makeRandom(seed);
  const sites = makeSites(random, options);
  const passing = new Map<SweepExporter, Passing[]>(
    sites.flatMap(({ wan, lan, dark }) => (dark ? [] : [wan, lan])).map((exporter) => [exporter, []]),
  );
  const logins: SweepLogin[] = [];
  const questions: Question[] = [];
  const net = new SweepNet(random, options, sites, passing);
  const span = options.minutes * 60_000;
  const add = (
    about: Omit<SweepLogin, 'id' | 'clients' | 'seen'>,
    from: Place,
    to: Place,
    train: Train,
    place: 'first' | 'middle' | 'last' | 'only' = 'only',
  ): SweepLogin => {
    const login = { ...about, id: logins.length, ...net.connect(from, to, train, place) };
    logins.push(login);
    return login;
  };
  const chains = Array.from({ length: options.chains }, (_, chain) => {
    const places = net.route(Math.round(uniform(random, ...options.logins)));
    const open = EPOCH + 30_000 + random() * 0.4 * span;
    const trains = chainTrains(random, options, places.length - 1, open, open + span);
    const made = trains.map((train, hop) =>
      add(
        { chain, hop, kind: 'person' },
        places[hop] as Place,
        places[hop + 1] as Place,
        train,
        hop === 0 ? 'first' : hop === trains.length - 1 ? 'last' : 'middle',
      ),
    );
    const [last, lastTrain] = [places.at(-1) as Place, trains.at(-1)];
    const middle = ((lastTrain?.atMs[0] ?? 0) + (lastTrain?.atMs.at(-1) ?? 0)) / 2;
    questions.push({ ...net.ask(last, made.at(-1)), at: epochMs(middle) });
    return made;
  });
  const alone = (kind: SweepLogin['kind'], makeDoings: (from: number, to: number) => Doings): void => {
    const open = EPOCH + 30_000 + random() * 0.4 * span;
    const close = open + span * uniform(random, 0.6, 1.2);
    const [from, to] = net.pair();
    const train = makeTrain(random, makeDoings(open + 3000, close), open, close);
    add({ chain: undefined, hop: 0, kind }, from, to, keptAlive(random, options, train));
  };
  for (let i = 0; i < options.people; i++) alone('person', (from, to) => typePerson(random, from, to));
  for (let i = 0; i < options.beacons; i++) {
    const periodMs = beaconPeriods[Math.floor(random() * beaconPeriods.length)] ?? 60_000;
    const jitterMs = random() < 0.5 ? 30 : 600;
    alone('beacon', (from, to) =>
      keepBeat(random, { from: from + random() * periodMs, to, periodMs, jitterMs }),
    );
  }
  for (let i = 0; i < options.cron; i++) alone('cron', (from, to) => runCron(random, from, to));
  for (let i = 0; i < options.passersby; i++) {
    const open = EPOCH + random() * 1.4 * span;
    const train = makeTrain(random, { keys: [], output: [], outputOctets: [] }, open, open + random() * 3000);
    net.connect(...net.pair(), train, 'only');
  }
  return {
    batch: exportPassing(random, [...passing.keys()], passing, EPOCH),
    logins,
    chains,
    questions,
    byClient: new Map(logins.flatMap((login) => login.clients.map((client) => [client, login] as const))),
  };
}

function makeSites(random: Random, options: SweepOptions): Site[] {
  const dark = options.missing > 0 ? options.missing + 1 : 0;
  return Array.from({ length: options.sites + dark }, (_, site) => {
    const wan: SweepExporter = {
      address: `203.0.113.${site + 1}`,
      port: 2055,
      site: `site-${site}`,
      version: options.versions[Math.floor(random() * options.versions.length)] ?? 5,
      idleMs: uniform(random, ...options.idleMs),
      activeMs: uniform(random, ...options.activeMs),
      scanMs: uniform(random, 1000, 2000),
      biflow: random() < 0.5,
      aheadMs: uniform(random, -1, 1) * options.skewMs,
      driftPpm: uniform(random, -1, 1) * options.driftPpm,
      sampling: options.sampling,
      recordLoss: options.recordLoss,
      datagramLoss: options.datagramLoss,
      received: options.received,
    };
    return { wan, lan: { ...wan, port: 2056 }, dark: site >= options.sites };
  });
}

function keptAlive(random: Random, { keepAlive }: SweepOptions, train: Train): Train {
  return random() < keepAlive
    ? withKeepAlive(train, [15_000, 30_000, 60_000][Math.floor(random() * 3)] ?? 60_000)
    : train;
}

/** The logins of one chain, attacker's first: each opens when its command is typed into the one before. */
function chainTrains(
  random: Random,
  options: SweepOptions,
  logins: number,
  open: number,
  close: number,
): Train[] {
  const typed = typePerson(random, open + 3000, close);
  const delay = uniform(random, 8, 90);
  const hold = (times: readonly number[]): number[] => {
    let latest = 0;
    return times.map((time) => {
      latest = Math.max(latest, time + delay + random() * options.jitterMs);
      return latest;
    });
  };
  let keys = typed.keys;
  let start = open;
  let end = close;
  return Array.from({ length: logins }, (_, hop) => {
    const last = hop === logins - 1;
    if (hop > 0) keys = hold(keys);
    const chaff = [
      ...(hop === 0 ? poissonTimes(random, options.chaffUpstream, start, end) : []),
      ...(last ? poissonTimes(random, options.chaffDownstream, start, end) : []),
    ];
    const doings = {
      keys: [...keys, ...chaff].sort((a, b) => a - b),
      output: typed.output.map((time) => time + (logins - 1 - hop) * delay),
      outputOctets: typed.outputOctets,
    };
    const train = keptAlive(random, options, makeTrain(random, doings, start, end));
    start += uniform(random, 4000, 20_000);
    end -= uniform(random, 300, 2500);
    return train;
  });
}

/** Who is where, and what an exporter sees of a connection between two places. */
class SweepNet {
  readonly #random: Random;
  readonly #options: SweepOptions;
  readonly #sites: readonly Site[];
  readonly #passing: ReadonlyMap<SweepExporter, Passing[]>;
  #port = FIRST_EPHEMERAL;

  constructor(
    random: Random,
    options: SweepOptions,
    sites: readonly Site[],
    passing: ReadonlyMap<SweepExporter, Passing[]>,
  ) {
    this.#random = random;
    this.#options = options;
    this.#sites = sites;
    this.#passing = passing;
  }

  /** The places of a chain of so many logins; where logins are to be missing, the first steps lie in dark sites. */
  route(logins: number): Place[] {
    const { missing, sites } = this.#options;
    const count = Math.max(logins, missing > 0 ? missing + 2 : 2);
    const order = Array.from({ length: sites }, (_, i) => ({ i, by: this.#random() }))
      .sort((a, b) => a.by - b.by)
      .map(({ i }) => i);
    const dark = missing > 0 ? Array.from({ length: missing + 1 }, (_, i) => sites + i) : [];
    const route = [...order.slice(0, 1), ...dark, ...order.slice(1)].slice(0, count + 1);
    return route.map((site) => ({ site, host: this.#host() }));
  }

  pair(): [Place, Place] {
    const { sites } = this.#options;
    const from = Math.floor(this.#random() * sites);
    const to = (from + 1 + Math.floor(this.#random() * (sites - 1))) % sites;
    return [
      { site: from, host: this.#host() },
      { site: to, host: this.#host() },
    ];
  }

  /** Sends a connection past the exporters on its way. */
  connect(
    from: Place,
    to: Place,
    train: Train,
    place: 'first' | 'middle' | 'last' | 'only',
  ): Pick<SweepLogin, 'clients' | 'seen'> {
    const { nat } = this.#options;
    const behindSource = nat === 'both' || (nat === 'source' && (place === 'first' || place === 'only'));
    const behindTarget = nat === 'both' || (nat === 'destination' && (place === 'last' || place === 'only'));
    const inside = `${behindSource ? local(from) : global(from)}:${this.#nextPort()}`;
    const outside = behindSource ? `${face(from)}:${this.#nextPort()}` : inside;
    const target = behindTarget ? `${face(to)}:${22_000 + to.host}` : `${global(to)}:22`;
    const [a, b] = [this.#sites[from.site], this.#sites[to.site]];
    const away = uniform(this.#random, 2, 40);
    if (behindSource) this.#pass(a?.lan, { client: inside, server: target, train, delayMs: 0 });
    this.#pass(a?.wan, { client: outside, server: target, train, delayMs: 1 });
    this.#pass(b?.wan, { client: outside, server: target, train, delayMs: away });
    if (behindTarget) {
      const server = `${local(to)}:22`;
      this.#pass(b?.lan, { client: outside, server, train, delayMs: away + 1 });
    }
    return { clients: [...new Set([inside, outside])], seen: !(a?.dark && b?.dark) };
  }

  /** What the victim's side knows of a login. */
  ask(victim: Place, login: SweepLogin | undefined): Omit<Question, 'at'> {
    const behind = this.#options.nat === 'destination' || this.#options.nat === 'both';
    const [address = '', port] = login?.clients.at(-1)?.split(':') ?? [];
    return {
      victim: { address: behind ? local(victim) : global(victim), port: 22 },
      from: { address, port: Number(port) },
      ...(behind ? { site: `site-${victim.site}` } : {}),
    };
  }

  #pass(exporter: SweepExporter | undefined, passing: Passing): void {
    if (exporter) this.#passing.get(exporter)?.push(passing);
  }

  #host(): number {
    return 11 + Math.floor(this.#random() * HOSTS_A_SITE);
  }

  #nextPort(): number {
    this.#port += 1 + Math.floor(this.#random() * 9);
    if (this.#port > LAST_EPHEMERAL) this.#port = FIRST_EPHEMERAL;
    return this.#port;
  }
}

const global = ({ site, host }: Place): string => `20.${site + 1}.0.${host}`;
/** LANs number alike from site to site. */
const local = ({ site, host }: Place): string => `192.168.${site % 3}.${host}`;
const face = ({ site }: Place): string => `20.${site + 1}.0.1`;
