/** A login as a trace tells of it, and a hop of a path. */
import type { ConnectionView, Hop } from '../../core/model/trace-result.ts';

export const connectionView = (
  source: string,
  destination: string,
  more: Partial<ConnectionView> = {},
): ConnectionView => ({
  source,
  sourcePort: 50_000,
  destination,
  destinationPort: 22,
  protocol: 6,
  startMs: 0,
  endMs: 1000,
  records: 2,
  packets: 20,
  bytes: 2000,
  exporters: ['r1'],
  ...more,
});

/** From the first connection's source to the last one's destination, unless said otherwise. */
export const loginHop = (connections: readonly ConnectionView[], more: Partial<Hop> = {}): Hop => ({
  kind: 'login',
  connections,
  from: connections[0]?.source ?? '',
  to: connections.at(-1)?.destination ?? '',
  evidence: null,
  ...more,
});
