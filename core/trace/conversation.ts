/** Which records belong to one conversation. */
import type { Records } from './records.ts';

/** One string for a record's protocol and two endpoints, the same in both directions. */
export function conversationKey(records: Records, i: number): string {
  const a = `${records.source[i]}:${records.sourcePort[i]}`;
  const b = `${records.destination[i]}:${records.destinationPort[i]}`;
  return a < b ? `${a} ${b} ${records.protocol[i]}` : `${b} ${a} ${records.protocol[i]}`;
}
