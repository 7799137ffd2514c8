/** What people and machines send over connections: packets of made-up sessions, the same for the same seed. */
import { seededRandom } from './flow-chunks.ts';

/** A uniform number in [0, 1) at each call. */
export type Random = () => number;

export function makeRandom(seed: number): Random {
  const random = seededRandom(seed);
  return () => random() / 2 ** 32;
}

export interface Packet {
  readonly atMs: number;
  /** 0 from client to server, 1 back. */
  readonly direction: 0 | 1;
  readonly octets: number;
  readonly flags: number;
}

const SYN = 0x02;
const ACK = 0x10;
const FIN = 0x01;
const PUSH = 0x18;

/** Times of keystrokes in [from, to): bursts of typing, and pauses of half a second to two minutes between them. */
function typeLikeAPerson(random: Random, from: number, to: number): number[] {
  const times: number[] = [];
  let time = from + random() * 3000;
  while (time < to) {
    const keys = 2 + Math.floor(random() * 14);
    for (let i = 0; i < keys && time < to; i++) {
      times.push(time);
      time += 60 + random() * 240;
    }
    // Log-normal with a median of 6 s: most pauses are short, some are long.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    time += Math.min(120_000, Math.max(500, 6000 * Math.exp(normal)));
  }
  return times;
}

/** A connection's packets: a handshake, one packet and its echo for each of `times`, a farewell. */
export function connectionPackets(
  random: Random,
  times: readonly number[],
  open: number,
  close: number,
): Packet[] {
  const packet = (atMs: number, direction: 0 | 1, flags: number, octets = 60): Packet => ({
    atMs,
    direction,
    flags,
    octets,
  });
  const packets = [packet(open, 0, SYN), packet(open + 20, 1, SYN | ACK), packet(open + 40, 0, ACK, 1200)];
  for (const time of times) {
    if (time <= open + 40 || time >= close) continue;
    const at = time + random() * 4;
    packets.push(
      packet(at, 0, PUSH, 88),
      packet(at + 15 + random() * 10, 1, PUSH, 88 + Math.floor(random() * 200)),
    );
  }
  packets.push(packet(close, 0, FIN | ACK), packet(close + 20, 1, FIN | ACK));
  return packets.sort((a, b) => a.atMs - b.atMs);
}

/** One person's session of their own. */
export function humanSession(random: Random, open: number, close: number): Packet[] {
  return connectionPackets(random, typeLikeAPerson(random, open + 200, close - 200), open, close);
}

export interface ChainOptions {
  readonly hops: number;
  readonly open: number;
  readonly close: number;
  /** Time a keystroke takes from one hop to the next. */
  readonly delayMs?: number;
  /** Further keystrokes on the first hop that the others do not carry. */
  readonly chaff?: readonly number[];
}

/** A chain of logins, attacker's first: each opens a few seconds after the one before it and closes before it does. */
export function chainSessions(random: Random, options: ChainOptions): Packet[][] {
  const { hops, open, close, delayMs = 40, chaff = [] } = options;
  const keys = typeLikeAPerson(random, open + 300, close);
  return Array.from({ length: hops }, (_, hop) => {
    const carried = keys.map((time) => time + hop * delayMs);
    const times = hop === 0 ? [...carried, ...chaff].sort((a, b) => a - b) : carried;
    return connectionPackets(random, times, open + hop * 7000, close - hop * 1500);
  });
}

/** A program that speaks every `periodMs`, give or take `jitterMs`. */
export function beacon(
  random: Random,
  {
    open,
    close,
    periodMs,
    jitterMs = 0,
  }: { open: number; close: number; periodMs: number; jitterMs?: number },
): Packet[] {
  const times: number[] = [];
  for (let time = open + periodMs; time < close; time += periodMs)
    times.push(time + (random() - 0.5) * jitterMs);
  return connectionPackets(random, times, open, close);
}
