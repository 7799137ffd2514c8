/**
 * Connections in bulk: what every one of them has stands in columns, some 80 bytes each. Objects are made of those that
 * somebody asks about, once.
 */
import type { Records } from './records.ts';

export interface Endpoint {
  /** Index into the hosts. */
  readonly host: number;
  readonly port: number;
}

/** What one exporter saw of a connection. Record indexes ascend by start time. */
export interface Observation {
  readonly observer: number;
  readonly records: Uint32Array;
  /** Packets and octets from client to server, and back. */
  readonly packets: readonly [number, number];
  readonly octets: readonly [number, number];
}

export interface Connection {
  readonly id: number;
  /** Who opened it, as far as the records tell. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly protocol: number;
  readonly start: number;
  readonly end: number;
  /** No opening was seen: it may have begun earlier. */
  readonly openCensored: boolean;
  /** No closing was seen: it may have gone on. */
  readonly endCensored: boolean;
  readonly observations: readonly Observation[];
}

/** Column i of each array belongs to connection i. Times in epoch ms. */
export class ConnectionTable {
  /** Observations of connection i are `observations[i]` to `observations[i + 1]` of the columns below. */
  readonly observations: Uint32Array;
  readonly clientHost: Uint32Array;
  readonly clientPort: Uint16Array;
  readonly serverHost: Uint32Array;
  readonly serverPort: Uint16Array;
  readonly protocol: Uint8Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** 1 where the opening, or the closing, was not seen. */
  readonly openCensored: Uint8Array;
  readonly endCensored: Uint8Array;
  readonly observer: Uint32Array;
  /** Records of observation o are `order[first[o]]` to `order[first[o + 1]]`, ascending by start. */
  readonly first: Uint32Array;
  readonly order: Uint32Array;
  /** From client to server, and back. */
  readonly packets: readonly [Float64Array, Float64Array];
  readonly octets: readonly [Float64Array, Float64Array];
  #count = 0;
  #observed = 0;
  readonly #made: Connection[] = [];

  /** Room for as many as there may be: pages that are never written take no memory. */
  constructor({ count }: Records, order: Uint32Array) {
    this.observations = new Uint32Array(count + 1);
    this.clientHost = new Uint32Array(count);
    this.clientPort = new Uint16Array(count);
    this.serverHost = new Uint32Array(count);
    this.serverPort = new Uint16Array(count);
    this.protocol = new Uint8Array(count);
    this.start = new Float64Array(count);
    this.end = new Float64Array(count);
    this.openCensored = new Uint8Array(count);
    this.endCensored = new Uint8Array(count);
    this.observer = new Uint32Array(count);
    this.first = new Uint32Array(count + 1);
    this.order = order;
    this.packets = [new Float64Array(count), new Float64Array(count)];
    this.octets = [new Float64Array(count), new Float64Array(count)];
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a connection, whose observations are then added one by one. */
  add(about: Omit<Connection, 'id' | 'observations'>): void {
    const id = this.#count++;
    this.clientHost[id] = about.client.host;
    this.clientPort[id] = about.client.port;
    this.serverHost[id] = about.server.host;
    this.serverPort[id] = about.server.port;
    this.protocol[id] = about.protocol;
    this.start[id] = about.start;
    this.end[id] = about.end;
    this.openCensored[id] = about.openCensored ? 1 : 0;
    this.endCensored[id] = about.endCensored ? 1 : 0;
    this.observations[id + 1] = this.#observed;
  }

  /** Adds what an observer saw of the connection added last: the records `order[from]` to `order[to]`. */
  observe(observer: number, from: number, to: number): number {
    const number = this.#observed++;
    this.observer[number] = observer;
    this.first[number] = from;
    this.first[number + 1] = to;
    this.observations[this.#count] = this.#observed;
    return number;
  }

  recordsOf(observation: number): Uint32Array {
    return this.order.subarray(this.first[observation], this.first[observation + 1]);
  }

  /** Packets of both directions, by the observation that saw most. */
  packetsOf(id: number): number {
    let most = 0;
    for (let o = this.observations[id] ?? 0; o < (this.observations[id + 1] ?? 0); o++)
      most = Math.max(most, (this.packets[0][o] ?? 0) + (this.packets[1][o] ?? 0));
    return most;
  }

  /** The connection as an object, the same whenever it is asked for. */
  at(id: number): Connection {
    return (this.#made[id] ??= {
      id,
      client: { host: this.clientHost[id] ?? 0, port: this.clientPort[id] ?? 0 },
      server: { host: this.serverHost[id] ?? 0, port: this.serverPort[id] ?? 0 },
      protocol: this.protocol[id] ?? 0,
      start: this.start[id] ?? 0,
      end: this.end[id] ?? 0,
      openCensored: this.openCensored[id] === 1,
      endCensored: this.endCensored[id] === 1,
      observations: Array.from(
        { length: (this.observations[id + 1] ?? 0) - (this.observations[id] ?? 0) },
        (_, k) => this.#observation((this.observations[id] ?? 0) + k),
      ),
    });
  }

  #observation(o: number): Observation {
    return {
      observer: this.observer[o] ?? 0,
      records: this.recordsOf(o),
      packets: [this.packets[0][o] ?? 0, this.packets[1][o] ?? 0],
      octets: [this.octets[0][o] ?? 0, this.octets[1][o] ?? 0],
    };
  }
}
