/**
 * What people and machines send, for the sweeps: packets in columns, not tuned to any detector.
 *
 * Typing follows what was measured of telnet and SSH: bursts of keys a fraction of a second apart, and heavy-tailed
 * (Pareto) thinking between them (Paxson & Floyd 1995), at a pace that differs from person to person; commands answer with
 * output that lasts from nothing to minutes.
 */
import type { Random } from './sessions.ts';

/** Packets of one connection as they pass one point, ascending by time. */
export interface Train {
  readonly atMs: Float64Array;
  /** 0 from client to server, 1 back. */
  readonly direction: Uint8Array;
  readonly octets: Float64Array;
  readonly flags: Uint8Array;
}

/** Moments at which somebody's keys leave their hands, and at which the machine at the end writes. */
export interface Doings {
  readonly keys: number[];
  readonly output: number[];
  readonly outputOctets: number[];
}

const SYN = 0x02;
const ACK = 0x10;
const FIN = 0x01;
const PUSH = 0x18;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const uniform = (random: Random, from: number, to: number): number => from + random() * (to - from);

export function poissonTimes(random: Random, perMinute: number, from: number, to: number): number[] {
  const times: number[] = [];
  if (perMinute <= 0) return times;
  for (let time = from; ;) {
    time -= (Math.log(1 - random()) * 60_000) / perMinute;
    if (time >= to) return times;
    times.push(time);
  }
}

/** Somebody at a shell between two moments. */
export function typePerson(random: Random, from: number, to: number): Doings {
  const keyMs = uniform(random, 110, 320);
  const tail = uniform(random, 0.9, 1.4);
  const thinkMs = uniform(random, 800, 2500);
  const longest = uniform(random, 120_000, 600_000);
  const keys: number[] = [];
  const output: number[] = [];
  const outputOctets: number[] = [];
  let time = from + random() * 4000;
  while (time < to) {
    const count = 1 + Math.floor(-Math.log(1 - random()) * 9);
    for (let i = 0; i < count && time < to; i++) {
      keys.push(time);
      time += keyMs * Math.exp(0.45 * normal(random));
    }
    if (random() < 0.7) time = answer(random, time, to, output, outputOctets);
    time += Math.min(longest, thinkMs * (1 - random()) ** (-1 / tail));
  }
  return { keys, output, outputOctets };
}

/** A command's output: mostly at once, sometimes for minutes; returns when it is done or the person goes on. */
function answer(random: Random, at: number, to: number, output: number[], octets: number[]): number {
  const packets = Math.min(120, Math.ceil(1.2 * (1 - random()) ** (-1 / 1.1)));
  const spacing = random() < 0.85 ? uniform(random, 1, 60) : uniform(random, 300, 4000);
  let time = at + uniform(random, 5, 400);
  for (let i = 0; i < packets && time < to; i++) {
    output.push(time);
    octets.push(80 + Math.floor(random() * 1300));
    time += spacing * (0.5 + random());
  }
  return random() < 0.8 ? time : at;
}

/** A program that speaks every `periodMs`, give or take `jitterMs`, and is answered. */
export function keepBeat(
  random: Random,
  { from, to, periodMs, jitterMs }: { from: number; to: number; periodMs: number; jitterMs: number },
): Doings {
  const keys: number[] = [];
  for (let time = from; time < to; time += periodMs)
    keys.push(time + Math.abs(normal(random)) * jitterMs * (random() < 0.5 ? 1 : -1));
  return {
    keys: keys.sort((a, b) => a - b),
    output: keys.map((t) => t + 30),
    outputOctets: keys.map(() => 400),
  };
}

/** A job that runs in the first seconds of every minute (or every few), for some seconds. */
export function runCron(random: Random, from: number, to: number, everyMs = 60_000): Doings {
  const keys: number[] = [];
  const usual = uniform(random, 500, 8000);
  for (let minute = Math.ceil(from / everyMs) * everyMs; minute < to; minute += everyMs) {
    const end = minute + usual * uniform(random, 0.7, 1.3);
    for (let time = minute + uniform(random, 20, 900); time < end; time += uniform(random, 50, 700))
      keys.push(time);
  }
  return { keys, output: keys.map((t) => t + 15), outputOctets: keys.map(() => 300) };
}

/** A handshake, a login, what was done, acknowledgements, a farewell. */
export function makeTrain(random: Random, doings: Doings, open: number, close: number): Train {
  const list: [number, 0 | 1, number, number][] = [
    [open, 0, 60, SYN],
    [open + 20, 1, 60, SYN | ACK],
    [open + 41, 0, 52, ACK],
  ];
  for (let i = 0; i < 6; i++) list.push([open + 60 + i * 35, (i % 2) as 0 | 1, 300 + i * 180, PUSH]);
  const login = open + uniform(random, 1200, 2500);
  list.push([login, 0, 148, PUSH], [login + 40, 1, 180, PUSH]);
  for (const at of doings.keys) {
    if (at <= login || at >= close) continue;
    list.push([at, 0, 88, PUSH], [at + uniform(random, 12, 30), 1, 88, PUSH], [at + 75, 0, 52, ACK]);
  }
  for (const [i, at] of doings.output.entries()) {
    if (at <= login || at >= close) continue;
    list.push([at, 1, doings.outputOctets[i] ?? 80, PUSH]);
    if (i % 2 === 0) list.push([at + 45, 0, 52, ACK]);
  }
  list.push([close, 0, 52, FIN | ACK], [close + 20, 1, 52, FIN | ACK], [close + 40, 0, 52, ACK]);
  list.sort((a, b) => a[0] - b[0]);
  return {
    atMs: Float64Array.from(list, ([at]) => at),
    direction: Uint8Array.from(list, ([, direction]) => direction),
    octets: Float64Array.from(list, ([, , octets]) => octets),
    flags: Uint8Array.from(list, ([, , , flags]) => flags),
  };
}

/** The train with a probe and its answer wherever the server was silent for `everyMs` (SSH's ServerAliveInterval). */
export function withKeepAlive(train: Train, everyMs: number): Train {
  const added: [number, 0 | 1][] = [];
  let heard = train.atMs[0] ?? 0;
  for (let i = 1; i <= train.atMs.length; i++) {
    const at = train.atMs[i] ?? train.atMs.at(-1) ?? 0;
    if (i < train.atMs.length && train.direction[i] === 0) continue;
    for (heard += everyMs; heard < at; heard += everyMs) added.push([heard, 0], [heard + 40, 1]);
    heard = at;
  }
  if (added.length === 0) return train;
  const all = [
    ...Array.from(train.atMs, (at, i) => [at, train.direction[i], train.octets[i], train.flags[i]] as const),
    ...added.map(([at, direction]) => [at, direction, 96, PUSH] as const),
  ].sort((a, b) => a[0] - b[0]);
  return {
    atMs: Float64Array.from(all, ([at]) => at),
    direction: Uint8Array.from(all, ([, direction]) => direction ?? 0),
    octets: Float64Array.from(all, ([, , octets]) => octets ?? 0),
    flags: Uint8Array.from(all, ([, , , flags]) => flags ?? 0),
  };
}
