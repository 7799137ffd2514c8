/**
 * Who opened a conversation, and how sure that is.
 *
 * | reason     | what speaks for a side                                                                      | weight |
 * |------------|---------------------------------------------------------------------------------------------|--------|
 * | flags      | a record of it has SYN without ACK; or the other's has RST and ACK and never a SYN            | 5      |
 * | start      | its first record begins earlier, by one clock, and the flags do not say that the opening was missed | 2.5    |
 * | port       | the other's port is below 1024 (3) or a known service (2) and its own is neither; or its own  | 1 to 5 |
 * |            | alone is of those that systems give out (1); ICMP: it asked for an echo (5)                   |        |
 * | first-seen | its record is the earlier or the only one, of a conversation that may have been open before  | 0.5    |
 *
 * The weights are log odds, chosen so that a reason further up outweighs the ones below it; they are added up for each
 * side. An exporter that gives both directions the same times says nothing by them. Times of two exporters say nothing
 * within what clocks usually differ by, and little beyond: one of them may be wrong by minutes.
 */
import type { Conversation } from '../model/query.ts';
import { isIcmp, serviceRank, TCP } from './endpoints.ts';

/** What one endpoint sent. */
export interface Direction {
  readonly flows: number;
  /** Start of its first record; Infinity where it has none with a time. */
  readonly firstMs: number;
  /** Who saw that record. */
  readonly firstExporter: string;
  /** A record with SYN and without ACK; with RST and ACK; any with SYN; any with flags at all. */
  readonly synAlone: boolean;
  readonly refused: boolean;
  readonly syn: boolean;
  readonly flagged: boolean;
  readonly port: number;
  /** For ICMP: it sent echo requests. */
  readonly asked: boolean;
}

export type OpenerReason = Conversation['openedBy'][number];

export interface Opener {
  /** Whether the first of the two is taken for the client. */
  readonly first: boolean;
  readonly reasons: readonly OpenerReason[];
  readonly certainty: number;
}

/** How far the clocks of two exporters usually differ at most. */
const CLOCKS_MS = 5_000;

/** Positive: for the first. Where nothing speaks for either, the higher port opens, as a client's does. */
export function openerOf(protocol: number, a: Direction, b: Direction): Opener {
  const weights: readonly (readonly [OpenerReason, number])[] = [
    ['flags', flagWeight(a, b)],
    ['port', portWeight(protocol, a, b)],
    ...timeWeights(protocol, a, b),
  ];
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  const first = sum === 0 ? a.port >= b.port : sum > 0;
  const reasons = weights
    .filter(([, weight]) => weight !== 0 && weight > 0 === first)
    .sort(([, x], [, y]) => Math.abs(y) - Math.abs(x))
    .map(([reason]) => reason);
  return { first, reasons, certainty: 1 / (1 + Math.exp(-Math.abs(sum))) };
}

function flagWeight(a: Direction, b: Direction): number {
  const opens = (own: Direction, other: Direction): boolean =>
    own.synAlone || (other.refused && !other.syn && own.syn);
  return 5 * (Number(opens(a, b)) - Number(opens(b, a)));
}

function portWeight(protocol: number, a: Direction, b: Direction): number {
  if (isIcmp(protocol)) return 5 * (Number(a.asked) - Number(b.asked));
  const [ofA, ofB] = [serviceRank(a.port), serviceRank(b.port)];
  if (ofA === 0 && ofB === 0) return Number(isEphemeral(a.port)) - Number(isEphemeral(b.port));
  if (ofA === ofB) return 0;
  const stronger = Math.max(ofA, ofB) + 1;
  // Two services at once: the lower port is the likelier server, and not by much.
  const weight = Math.min(ofA, ofB) > 0 ? 0.5 : stronger;
  return ofB > ofA ? weight : -weight;
}

/** From here on systems give out ports (Linux; IANA and Windows begin at 49,152). */
const isEphemeral = (port: number): boolean => port >= 32_768;

function timeWeights(
  protocol: number,
  a: Direction,
  b: Direction,
): readonly (readonly [OpenerReason, number])[] {
  const difference = b.firstMs - a.firstMs;
  if (Number.isNaN(difference)) return [];
  const sign = Math.sign(difference);
  if (!Number.isFinite(difference)) return [['first-seen', 0.5 * sign]];
  const oneClock = a.firstExporter === b.firstExporter;
  if (Math.abs(difference) <= (oneClock ? 0 : CLOCKS_MS)) return [];
  const flagged = a.flagged || b.flagged;
  const missed = protocol === TCP && flagged && !(a.syn || b.syn);
  return missed || !oneClock ? [['first-seen', 0.5 * sign]] : [['start', 2.5 * sign]];
}
