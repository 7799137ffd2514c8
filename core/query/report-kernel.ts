/**
 * All sums of a monthly report in one pass: each column that they need is decoded once, and each row looked at by a few
 * short loops. What it answers is what `distribution`, `series`, `top` and `countries` answer one by one.
 *
 * Hosts and autonomous systems may take further passes where there are very many (report-keys.ts); everything else is
 * settled by the first.
 */
import type { Counts, FlowSelection } from '../model/query.ts';
import type { EpochMs } from '../model/time.ts';
import { TCP } from './endpoints.ts';
import type { Accumulator, Conclusion, Kernel, KernelHelp, SelectedRows } from './kernel.ts';
import { concludeCountries, countAddresses, mergeCountries, type CountryCounts } from './report-countries.ts';
import { concludeDays, type DaySums } from './report-days.ts';
import { HOSTS, HostSums, OPENINGS } from './report-hosts.ts';
import {
  settleKeys,
  type KeyCounts,
  type KeyOrder,
  type KeysSoFar,
  type KeyTable,
  type Settled,
} from './report-keys.ts';
import { concludeExporters, concludeServices, OnceSums, type MonthOnce } from './report-once.ts';
import { SYSTEMS, SystemSums } from './report-systems.ts';
import { KeyFields } from './top.ts';

const DAY_MS = 86_400_000;

const MAX_KEYS = 1 << 20;

const SYN = 0x02;
/** FIN, SYN, RST, PSH, ACK and URG. */
const CLASSIC_FLAGS = 0x3f;

/** `from` and `to` are midnights in UTC; counters are as exported. */
export interface MonthQuestion extends Omit<FlowSelection, 'from' | 'to' | 'scaled' | 'everyObservation'> {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** How many of the largest hosts by bytes are wanted. */
  readonly hosts: number;
  /** How many of every other order. */
  readonly listed: number;
}

export interface MonthSums {
  readonly total: Counts;
  readonly days: DaySums;
  /** The router's table, in its order. */
  readonly services: readonly (Counts & { readonly name: string })[];
  /** Both directions of a host together, the largest first. */
  readonly hostsByBytes: readonly KeyCounts[];
  readonly hostsByFlows: readonly KeyCounts[];
  readonly hosts: number;
  /** Who sent SYN and saw nothing else follow, in TCP flows, by such flows. */
  readonly unanswered: readonly KeyCounts[];
  readonly systems: readonly KeyCounts[];
  /** The one without a country among them; null without a database of places. */
  readonly countries: readonly CountryCounts[] | null;
  /** As each told them, duplicates too; by address, most flows first. */
  readonly exporters: readonly KeyCounts[];
}

export interface MonthPartial {
  readonly hosts?: readonly KeyTable[] | undefined;
  readonly systems?: readonly KeyTable[] | undefined;
  /** Absent in further passes. */
  readonly once?: MonthOnce | undefined;
}

export interface MonthCarry {
  readonly hosts: KeysSoFar;
  readonly systems: KeysSoFar;
  readonly addresses: ReadonlyMap<number, number>;
  readonly once: readonly MonthOnce[];
}

type MonthKernel = Kernel<MonthQuestion, MonthPartial, MonthSums, MonthCarry>;

/** `maxKeys`: hosts, and autonomous systems, that a thread holds. */
export const monthKernelOf = (maxKeys: number): MonthKernel => ({
  kinds: ['flow'],
  observes: true,
  begin: (question, help, carry) => new MonthAccumulator(question, help, carry, maxKeys),
  conclude: (question, partials, help, carry) => conclude(question, partials, help, carry, maxKeys),
});

export const monthKernel = monthKernelOf(MAX_KEYS);

const daysOf = ({ from, to }: MonthQuestion): number => Math.round((to - from) / DAY_MS);

class MonthAccumulator implements Accumulator<MonthPartial> {
  readonly #hosts: HostSums | undefined;
  readonly #systems: SystemSums | undefined;
  readonly #once: OnceSums | undefined;
  #every = new Uint32Array(0);
  #found = new Uint32Array(0);

  constructor(question: MonthQuestion, help: KernelHelp, carry: MonthCarry | undefined, maxKeys: number) {
    const wanted = (before: KeysSoFar | undefined): boolean =>
      before === undefined || before.parts.length > 0;
    if (wanted(carry?.hosts)) {
      this.#hosts = new HostSums(help, { maxKeys, before: carry?.hosts });
    }
    if (wanted(carry?.systems)) {
      this.#systems = new SystemSums(help, { maxKeys, before: carry?.systems });
    }
    if (!carry) this.#once = new OnceSums(question.from, daysOf(question));
  }

  add(selected: SelectedRows): void {
    const { batch } = selected;
    const rows = selected.rows ?? this.#everyRow(batch.count);
    const { columns } = batch;
    const addHosts = this.#hosts?.bind(selected);
    const addSystems = this.#systems?.bind(selected);
    const { protocolIdentifier, tcpControlBits } = columns;
    this.#once?.add(selected, rows, selected.observed ?? rows);
    addSystems?.(rows);
    addHosts?.(rows, this.#openingsOf(protocolIdentifier, tcpControlBits, rows));
  }

  finish(): MonthPartial {
    const hosts = this.#hosts?.finish();
    return {
      hosts: hosts?.tables,
      systems: this.#systems?.finish(),
      once: this.#once?.finish(hosts?.countries ?? null),
    };
  }

  /** The rows of TCP flows of which SYN was seen and no other flag. */
  #openingsOf(protocols: Uint8Array, flags: Uint16Array, rows: Uint32Array): Uint32Array {
    if (this.#found.length < rows.length) this.#found = new Uint32Array(rows.length);
    const found = this.#found;
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      found[count] = row;
      // 0 where it is one; one less than 0 has its highest bit set. A branch would be guessed wrong every other time.
      const strange = ((protocols[row] as number) ^ TCP) | (((flags[row] as number) & CLASSIC_FLAGS) ^ SYN);
      count += (strange - 1) >>> 31;
    }
    return found.subarray(0, count);
  }

  #everyRow(count: number): Uint32Array {
    if (this.#every.length < count) this.#every = Uint32Array.from({ length: count }, (_, row) => row);
    return this.#every.subarray(0, count);
  }
}

function hostOrders({ hosts, listed }: MonthQuestion): KeyOrder[] {
  return [
    { counts: 0, place: 2, limit: hosts },
    { counts: 0, place: 0, limit: listed },
    { counts: OPENINGS, place: OPENINGS, limit: listed },
  ];
}

function conclude(
  question: MonthQuestion,
  partials: readonly MonthPartial[],
  help: KernelHelp,
  carry: MonthCarry | undefined,
  maxKeys: number,
): Conclusion<MonthSums, MonthCarry> {
  const settle = (
    name: 'hosts' | 'systems',
    field: string,
    sums: typeof HOSTS | typeof SYSTEMS,
    orders: readonly KeyOrder[],
  ): Settled | undefined => {
    const tables = partials.flatMap((partial) => partial[name] ?? []);
    if (tables.length === 0) return undefined;
    return settleKeys(new KeyFields([field], help), { ...sums, maxKeys }, orders, carry?.[name], tables);
  };
  const byBytes = { counts: 0, place: 2, limit: question.listed };
  const settled = {
    hosts: settle('hosts', 'ip', HOSTS, hostOrders(question)),
    systems: settle('systems', 'as', SYSTEMS, [byBytes]),
  };
  const addresses = settled.hosts
    ? countAddresses(settled.hosts.table, HOSTS, carry?.addresses)
    : (carry?.addresses ?? new Map<number, number>());
  const nothing: KeysSoFar = { parts: [], orders: [], distinct: 0 };
  const hosts = settled.hosts?.soFar ?? carry?.hosts ?? nothing;
  const systems = settled.systems?.soFar ?? carry?.systems ?? nothing;
  const once = carry?.once ?? partials.flatMap((partial) => partial.once ?? []);
  if (hosts.parts.length > 0 || systems.parts.length > 0) {
    return { carry: { hosts, systems, addresses, once } };
  }
  const days = concludeDays(
    once.map((one) => one.days),
    daysOf(question),
  );
  const [hostsByBytes = [], hostsByFlows = [], unanswered = []] = hosts.orders;
  const answer = {
    ...concludeServices(once),
    days,
    hostsByBytes,
    hostsByFlows,
    hosts: hosts.distinct,
    unanswered,
    systems: systems.orders[0] ?? [],
    countries: help.countryOf
      ? concludeCountries(mergeCountries(once.map(({ countries }) => countries ?? [])), addresses)
      : null,
    exporters: concludeExporters(once),
  };
  const note = `${days.undated} flows without a time are on no day.`;
  return { answer, notes: days.undated > 0 ? [note] : [] };
}
