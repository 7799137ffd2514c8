/** A made-up attack over a chain of hosts, among people, programs and exporters of all kinds. */
import type { Party } from '../../core/model/trace-question.ts';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { epochMs, type EpochMs } from '../../core/model/time.ts';
import { FlowWorld, type ExporterOptions } from './flow-world.ts';
import { chainSessions, humanSession, makeRandom, type Packet, type Random } from './sessions.ts';

/** Noon of an ordinary day. */
export const NOON = Date.UTC(2026, 10, 20, 12);
export const MINUTE = 60_000;

/** Host i of the chain, which stands behind exporter i. Host 0 is the origin. */
export const host = (i: number): string => `198.51.100.${i + 1}`;
export const exporter = (i: number): string => `203.0.113.${i + 1}`;

export interface MadeChainOptions {
  readonly seed: number;
  readonly hops?: number;
  readonly minutes?: number;
  /** What all exporters have in common, and what one of them has of its own. */
  readonly every?: Partial<ExporterOptions>;
  readonly each?: Readonly<Record<number, Partial<ExporterOptions>>>;
  /** Hosts without an exporter. */
  readonly dark?: readonly number[];
  /** People at work between the hosts; none of them carries another. */
  readonly background?: number;
  /** `entering`: each exporter reports only packets towards the host behind it. */
  readonly directions?: 'both' | 'entering';
  readonly chaff?: (random: Random) => readonly number[];
}

export interface MadeChain {
  readonly random: Random;
  readonly world: FlowWorld;
  readonly sessions: readonly (readonly Packet[])[];
  readonly question: { readonly victim: Party; readonly from: Party; readonly at: EpochMs };
}

/** Client port of hop i. */
const port = (hop: number): number => 40_000 + hop;

export function makeChain(options: MadeChainOptions): MadeChain {
  const {
    seed,
    hops = 3,
    minutes = 12,
    every = {},
    each = {},
    dark = [],
    background = 12,
    directions = 'both',
    chaff,
  } = options;
  const random = makeRandom(seed);
  const open = NOON + 2 * MINUTE;
  const close = open + minutes * MINUTE;
  const hosts = Array.from({ length: hops + 1 }, (_, i) => i);
  const lit = hosts.filter((i) => !dark.includes(i));
  const world = new FlowWorld(
    random,
    lit.map((i) => ({ ...every, ...each[i], address: exporter(i) })),
  );
  const watch = (a: number, b: number, clientPort: number, packets: readonly Packet[]): void => {
    for (const i of lit.filter((i) => i === a || i === b)) {
      world.watch({
        exporter: exporter(i),
        client: `${host(a)}:${clientPort}`,
        server: `${host(b)}:22`,
        packets,
        ...(directions === 'both' ? {} : { directions: [i === b ? 0 : 1] }),
      });
    }
  };
  const sessions = chainSessions(random, { hops, open, close, chaff: chaff?.(random) ?? [] });
  for (const [hop, packets] of sessions.entries()) watch(hop, hop + 1, port(hop), packets);
  for (let i = 0; i < background; i++) {
    const a = i % (hops + 1);
    const b = (a + 1 + (i % hops)) % (hops + 1);
    const start = NOON + random() * 4 * MINUTE;
    watch(a, b, 50_000 + i, humanSession(random, start, start + (8 + random() * 8) * MINUTE));
  }
  return {
    random,
    world,
    sessions,
    question: {
      victim: { address: host(hops), port: 22 },
      from: { address: host(hops - 1), port: port(hops - 1) },
      at: epochMs(open + (minutes / 2) * MINUTE),
    },
  };
}

/** The best path as text: `client > server` for each login, its views joined by `=`; `?` for an inferred hop. */
export function pathText(result: TraceResult): string[] {
  return (result.paths[0]?.hops ?? []).map((hop) =>
    hop.kind === 'inferred'
      ? '?'
      : hop.connections
          .map((view) => `${view.source}:${view.sourcePort} > ${view.destination}:${view.destinationPort}`)
          .join(' = '),
  );
}

/** What `pathText` says of the whole chain. */
export const wholeChain = (hops: number): string[] =>
  Array.from({ length: hops }, (_, hop) => `${host(hop)}:${port(hop)} > ${host(hop + 1)}:22`);
