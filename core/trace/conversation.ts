/** Which records belong to one conversation. */
import { NumberIndex } from '../math/number-index.ts';
import type { Records } from './records.ts';

export interface Conversations {
  readonly count: number;
  /** The conversation of each record; they are numbered as they first appear. */
  readonly of: Uint32Array;
  /** How many conversations the source, and the destination, of each record has: a service has many. */
  readonly sourcePeers: Uint32Array;
  readonly destinationPeers: Uint32Array;
}

/** Numbers the conversations: a protocol and two endpoints, the same in both directions. */
export function numberConversations(records: Records): Conversations {
  const { count, source, destination, sourcePort, destinationPort, protocol } = records;
  const endpoints = new NumberIndex();
  const from = new Uint32Array(count);
  const to = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    from[i] = endpoints.number((source[i] ?? 0) * 65_536 + (sourcePort[i] ?? 0));
    to[i] = endpoints.number((destination[i] ?? 0) * 65_536 + (destinationPort[i] ?? 0));
  }
  const peers = new Uint32Array(endpoints.size);
  const known = new NumberIndex();
  const of = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const [one, other] = [from[i] ?? 0, to[i] ?? 0];
    const [low, high] = one < other ? [one, other] : [other, one];
    const before = known.size;
    // Below 2^53 for as many endpoints as fit into memory, since only four protocols have ports.
    of[i] = known.number((low * endpoints.size + high) * 4 + protocolNumber(protocol[i] ?? 0));
    if (known.size === before) continue;
    peers[one] = (peers[one] ?? 0) + 1;
    peers[other] = (peers[other] ?? 0) + 1;
  }
  for (let i = 0; i < count; i++) {
    from[i] = peers[from[i] ?? 0] ?? 0;
    to[i] = peers[to[i] ?? 0] ?? 0;
  }
  return { count: known.size, of, sourcePeers: from, destinationPeers: to };
}

/** TCP, UDP, DCCP and SCTP: the protocols whose conversations have two ports. */
const withPorts: readonly number[] = [6, 17, 33, 132];

export const hasPorts = (protocol: number): boolean => withPorts.includes(protocol);

const protocolNumber = (protocol: number): number => Math.max(0, withPorts.indexOf(protocol));
