/**
 * Logins ready for comparison: for each the site whose exporters saw its silences best, and the silences that these saw.
 *
 * All silences stand in one table. Objects are made of the logins that somebody asks about, once.
 */
import type { Connection, ConnectionTable, Observation } from './connection-table.ts';
import { loginAt, viewsOf, type Login, type Logins } from './logins.ts';
import type { Observer } from './observers.ts';
import { silencesOf, type PrintTable } from './print-table.ts';
import type { Records } from './records.ts';
import { fingerprint, hiddenActivity, SHORTEST_SILENCE_MS, type Fingerprint } from './silences.ts';
import { meetsIntervals } from '../math/intervals.ts';

export interface Suspect {
  readonly login: Login;
  readonly principal: Connection;
  readonly fingerprint: Fingerprint;
  /** The life of the login by all who saw it: what one lost of its opening or its closing another may have kept. */
  readonly start: number;
  readonly end: number;
  readonly openCensored: boolean;
  readonly endCensored: boolean;
}

/** Column i of each array belongs to login i. */
export class Suspects {
  readonly logins: Logins;
  readonly prints: PrintTable;
  readonly principal: Uint32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly openCensored: Uint8Array;
  readonly endCensored: Uint8Array;
  /** One packet in so many, by the coarsest exporter behind a login's silences. */
  readonly samplingInterval: Float64Array;
  readonly #records: Records;
  readonly #observers: readonly Observer[];
  readonly #made: Suspect[] = [];

  constructor(records: Records, observers: readonly Observer[], logins: Logins) {
    const { count } = logins;
    this.#records = records;
    this.#observers = observers;
    this.logins = logins;
    this.principal = new Uint32Array(count);
    this.start = new Float64Array(count);
    this.end = new Float64Array(count);
    this.openCensored = new Uint8Array(count);
    this.endCensored = new Uint8Array(count);
    this.samplingInterval = new Float64Array(count).fill(1);
    const table = {
      count,
      offsets: new Uint32Array(count + 1),
      from: new Float64Array(records.count),
      to: new Float64Array(records.count),
      doubtful: new Uint8Array(records.count),
      start: new Float64Array(count),
      end: new Float64Array(count),
      timeoutMs: new Float64Array(count),
      timingErrorMs: new Float64Array(count),
      clockTied: new Uint8Array(count),
      seen: new Float64Array(count).fill(1),
    };
    const hidden = observers.map(hiddenActivity);
    for (let id = 0; id < count; id++) {
      if (!this.#fillSingle(table, id, hidden)) this.#fillBest(table, id);
    }
    const total = table.offsets[count] ?? 0;
    this.prints = {
      ...table,
      from: table.from.subarray(0, total),
      to: table.to.subarray(0, total),
      doubtful: table.doubtful.subarray(0, total),
    };
  }

  get count(): number {
    return this.logins.count;
  }

  /** The login as an object, the same whenever it is asked for. */
  at(id: number): Suspect {
    return (this.#made[id] ??= this.#make(id));
  }

  /** All logins as objects: only for as many as memory has room for. */
  all(): readonly Suspect[] {
    for (let id = 0; id < this.count; id++) this.at(id);
    return this.#made;
  }

  silences(id: number): number {
    return silencesOf(this.prints, id);
  }

  #make(id: number): Suspect {
    const login = loginAt(this.logins, id);
    let print: Fingerprint | undefined;
    const vantage = (): Fingerprint => bestVantage(this.#records, this.#observers, login).print;
    return {
      login,
      principal: this.logins.connections.at(this.principal[id] ?? 0),
      get fingerprint() {
        return (print ??= vantage());
      },
      start: this.start[id] ?? 0,
      end: this.end[id] ?? 0,
      openCensored: this.openCensored[id] === 1,
      endCensored: this.endCensored[id] === 1,
    };
  }

  /** What nearly all logins are: one view, by one exporter that saw every packet. False where this is not one of them. */
  #fillSingle(table: PrintTable, id: number, hidden: readonly (readonly number[])[]): boolean {
    const { connections: c } = this.logins;
    const [view = 0, more] = viewsOf(this.logins, id);
    const o = c.observations[view] ?? 0;
    const observer = this.#observers[c.observer[o] ?? 0];
    if (more !== undefined || c.observations[view + 1] !== o + 1) return false;
    if (!observer || observer.samplingInterval > 1) return false;
    this.#setLife(id, c, view);
    const lossy = hidden[c.observer[o] ?? 0] ?? [];
    const { start, end } = this.#records;
    let n = table.offsets[id] ?? 0;
    let activeTo = Number.NEGATIVE_INFINITY;
    for (let k = c.first[o] ?? 0; k < (c.first[o + 1] ?? 0); k++) {
      const i = c.order[k] ?? 0;
      const opens = start[i] ?? 0;
      if (activeTo !== Number.NEGATIVE_INFINITY && opens > activeTo + SHORTEST_SILENCE_MS) {
        table.from[n] = activeTo;
        table.to[n] = opens;
        table.doubtful[n++] = meetsIntervals(lossy, activeTo, opens) ? 1 : 0;
        activeTo = end[i] ?? 0;
      } else activeTo = Math.max(activeTo, end[i] ?? 0);
    }
    table.offsets[id + 1] = n;
    table.start[id] = c.start[view] ?? 0;
    table.end[id] = c.end[view] ?? 0;
    table.timeoutMs[id] = observer.inactiveTimeoutMs;
    table.timingErrorMs[id] = observer.timingErrorMs;
    table.clockTied[id] = observer.clockTied === null ? 0 : 1;
    return true;
  }

  #setLife(id: number, c: ConnectionTable, view: number): void {
    this.principal[id] = view;
    this.start[id] = c.start[view] ?? 0;
    this.end[id] = c.end[view] ?? 0;
    this.openCensored[id] = c.openCensored[view] ?? 0;
    this.endCensored[id] = c.endCensored[view] ?? 0;
  }

  #fillBest(table: PrintTable, id: number): void {
    const login = loginAt(this.logins, id);
    const { print, principal } = bestVantage(this.#records, this.#observers, login);
    this.principal[id] = principal.id;
    const life = findLife(this.#observers, login, print.clockTied);
    this.start[id] = life.start;
    this.end[id] = life.end;
    this.openCensored[id] = life.openCensored ? 1 : 0;
    this.endCensored[id] = life.endCensored ? 1 : 0;
    this.samplingInterval[id] = print.samplingInterval;
    const first = table.offsets[id] ?? 0;
    table.from.set(print.from, first);
    table.to.set(print.to, first);
    table.doubtful.set(print.doubtful, first);
    table.offsets[id + 1] = first + print.from.length;
    table.start[id] = print.active[0] ?? 0;
    table.end[id] = print.active.at(-1) ?? 0;
    table.timeoutMs[id] = print.timeoutMs;
    table.timingErrorMs[id] = print.timingErrorMs;
    table.clockTied[id] = print.clockTied ? 1 : 0;
    table.seen[id] = print.seen;
  }
}

interface Vantage {
  readonly observations: readonly Observation[];
  readonly print: Fingerprint;
}

/**
 * The site whose exporters saw a login's silences best, and its view with most records. The views of one site are united:
 * its exporters share a clock, the path between them is short, and what one lost another may have kept.
 */
function bestVantage(
  records: Records,
  observers: readonly Observer[],
  login: Login,
): { print: Fingerprint; principal: Connection } {
  const bySite = new Map<string, { view: Connection; observation: Observation }[]>();
  for (const view of login.views) {
    for (const observation of view.observations) {
      const site = observers[observation.observer]?.site ?? '';
      const seen = bySite.get(site);
      if (seen) seen.push({ view, observation });
      else bySite.set(site, [{ view, observation }]);
    }
  }
  const vantages = [...bySite.values()].map((seen) => {
    const observations = seen.map(({ observation }) => observation);
    return { seen, observations, print: fingerprint(records, observations, observers) };
  });
  const best = vantages.reduce((a, b) => (preference(b) > preference(a) ? b : a));
  const principal = best.seen.reduce((a, b) =>
    b.observation.records.length > a.observation.records.length ? b : a,
  ).view;
  return { print: best.print, principal };
}

type Life = Pick<Suspect, 'start' | 'end' | 'openCensored' | 'endCensored'>;

/** Views whose clocks cannot be compared with the others' are left aside where `tied` ones speak. */
function findLife(observers: readonly Observer[], { views }: Login, tied: boolean): Life {
  const comparable = views.filter((view) =>
    view.observations.every(({ observer }) => ((observers[observer]?.clockTied ?? null) !== null) === tied),
  );
  const seen = comparable.length > 0 ? comparable : views;
  return {
    start: seen.reduce((least, view) => Math.min(least, view.start), Number.POSITIVE_INFINITY),
    end: seen.reduce((most, view) => Math.max(most, view.end), Number.NEGATIVE_INFINITY),
    openCensored: seen.every((view) => view.openCensored),
    endCensored: seen.every((view) => view.endCensored),
  };
}

/** Both directions seen, then the finest timeout, then the fewest doubtful silences, then the most silences. */
function preference({ observations, print }: Vantage): number {
  const seen = (direction: 0 | 1): boolean => observations.some(({ packets }) => packets[direction] > 0);
  const both = seen(0) && seen(1) ? 1 : 0;
  const doubtful = print.doubtful.reduce((sum, flag) => sum + flag, 0) / Math.max(1, print.doubtful.length);
  return (
    both * 1e6 -
    Math.round(print.timeoutMs / 2000) * 1e3 -
    doubtful * 100 +
    Math.min(99, print.from.length) / 100
  );
}
