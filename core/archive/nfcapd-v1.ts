/**
 * Flow records of nfdump 1.6 (file layout 1): a common part, then extensions without headers, in the order that the
 * record's extension map lists.
 *
 * | at | common record                                                     |
 * |----|-------------------------------------------------------------------|
 * |  0 | u16 type: 10, or 1 before nfdump 1.6.11                            |
 * |  2 | u16 size                                                           |
 * |  4 | u16 flags (type 1: u8 flags, u8 exporter id)                       |
 * |  6 | u16 extension map                                                  |
 * |  8 | u16 first ms, u16 last ms, u32 first s, u32 last s                 |
 * | 20 | u8 forwarding status, u8 TCP flags, u8 protocol, u8 type of service |
 * | 24 | u16 source port, u16 destination port (ICMP: type*256 + code)      |
 * | 28 | type 10 only: u16 exporter id, u8 ICMP code, u8 ICMP type          |
 *
 * Then addresses (flag 1: IPv6), packets (flag 2: 64 bits) and bytes (flag 4: 64 bits). Flag 64 marks an event, 128 a
 * sampled flow.
 */
import { exactU64, u16, u32, u64 } from './little-endian.ts';
import { firewallEventName, natEventName } from './nfcapd-events.ts';
import { EX, isIcmp } from './nfcapd-layout.ts';
import type { NfcapdRow } from './nfcapd-row.ts';
import { userName, type RecordFault } from './nfcapd-v2.ts';

/** Bytes of each extension; those absent here are unknown, and end what can be read of a record. */
const extensionBytes: Readonly<Record<number, number>> = {
  4: 4,
  5: 8,
  6: 4,
  7: 8,
  8: 4,
  9: 4,
  10: 16,
  11: 4,
  12: 16,
  13: 4,
  14: 4,
  15: 8,
  16: 4,
  17: 8,
  18: 4,
  19: 8,
  20: 16,
  21: 16,
  22: 40,
  23: 4,
  24: 16,
  25: 4,
  26: 8,
  27: 8,
  37: 20,
  38: 4,
  39: 8,
  40: 32,
  41: 24,
  42: 24,
  43: 72,
  45: 24,
  46: 12,
  47: 8,
  48: 8,
};

const FLAG_IPV6 = 1;
const FLAG_PACKETS_64 = 2;
const FLAG_BYTES_64 = 4;
const FLAG_EVENT = 64;
const FLAG_SAMPLED = 128;

/** Extension ids in record order, from an extension map record. */
export function readExtensionMap(bytes: Uint8Array, at: number, size: number): readonly number[] {
  const ids: number[] = [];
  for (let cursor = at + 8; cursor + 2 <= at + size; cursor += 2) {
    const id = u16(bytes, cursor);
    if (id === 0) break;
    ids.push(id);
  }
  return ids;
}

/** The shortest common record of a type. */
export const commonRecordBytes = (type: number): number => (type === 10 ? 32 : 28);

/** The map that a common record refers to. */
export const extensionMapOf = (bytes: Uint8Array, at: number): number => u16(bytes, at + 6);

/** Values that several extensions share, written once all are read. */
interface Pending {
  received: number;
  outPackets: number | string;
  outBytes: number | string;
  flows: number | string;
  counted: boolean;
  misc: readonly [direction: number, postTos: number, sourceMask: number, destinationMask: number];
  macs: readonly [inSource: number, outDestination: number, inDestination: number, outSource: number];
  icmp: number;
  event: number;
}

/** Writes the common record of `size` bytes at `at` into a row, its extensions read by `map`. */
export function writeCommonRecord(
  row: NfcapdRow,
  b: Uint8Array,
  at: number,
  size: number,
  offset: number,
  map: readonly number[],
): RecordFault {
  const wide = u16(b, at) === 10;
  const flags = wide ? u16(b, at + 4) : (b[at + 4] ?? 0);
  const sixteen = (flags & FLAG_IPV6) !== 0;
  let cursor = at + commonRecordBytes(wide ? 10 : 1);
  const end = at + size;
  const fixed =
    (sixteen ? 32 : 8) + ((flags & FLAG_PACKETS_64) !== 0 ? 8 : 4) + ((flags & FLAG_BYTES_64) !== 0 ? 8 : 4);
  row.begin(offset, wide ? u16(b, at + 28) : (b[at + 5] ?? 0), 0);
  row.flags((flags & FLAG_EVENT) !== 0, (flags & FLAG_SAMPLED) !== 0);
  if (cursor + fixed > end) {
    row.finish();
    return 'addresses and counters are cut off';
  }
  row.mark(EX.genericFlow);
  row.mark(sixteen ? EX.ipv6Flow : EX.ipv4Flow);
  row.addresses(b, cursor, sixteen ? 16 : 4);
  cursor += sixteen ? 32 : 8;
  const packetBytes = (flags & FLAG_PACKETS_64) !== 0 ? 8 : 4;
  row.counter('packetDeltaCount', b, cursor, packetBytes);
  cursor += packetBytes;
  const octetBytes = (flags & FLAG_BYTES_64) !== 0 ? 8 : 4;
  row.counter('octetDeltaCount', b, cursor, octetBytes);
  cursor += octetBytes;

  const pending: Pending = {
    received: 0,
    outPackets: 0,
    outBytes: 0,
    flows: 0,
    counted: false,
    misc: [0, 0, 0, 0],
    macs: [-1, -1, -1, -1],
    icmp: wide ? u16(b, at + 30) : 0,
    event: 0,
  };
  let fault: RecordFault;
  for (const id of map) {
    const length = extensionBytes[id];
    if (length === undefined) {
      fault = `extension ${id} is unknown, so the rest of the record cannot be read`;
      break;
    }
    if (cursor + length > end) {
      fault = `extension ${id} is cut off`;
      break;
    }
    if (id < 28) writeExtension(row, id, b, cursor, pending);
    else writeEventExtension(row, id, b, cursor, length, pending);
    cursor += length;
  }
  finishCommonRecord(row, b, at, pending);
  return fault;
}

function finishCommonRecord(row: NfcapdRow, b: Uint8Array, at: number, pending: Pending): void {
  const first = u32(b, at + 12) * 1000 + u16(b, at + 8);
  row.times(first === 0 ? pending.event : first, u32(b, at + 16) * 1000 + u16(b, at + 10), pending.received);
  const protocol = b[at + 22] ?? 0;
  const port = u16(b, at + 26);
  row.transport(
    protocol,
    b[at + 21] ?? 0,
    b[at + 23] ?? 0,
    b[at + 20] ?? 0,
    u16(b, at + 24),
    port === 0 && isIcmp(protocol) ? pending.icmp : port,
  );
  row.mark(EX.flowMisc);
  row.misc(...pending.misc);
  if (pending.counted && row.mark(EX.cntFlow)) {
    row.set('postPacketDeltaCount', pending.outPackets);
    row.set('postOctetDeltaCount', pending.outBytes);
    row.set('_aggregatedFlows', pending.flows);
  }
  writeMacs(row, b, pending.macs);
  row.finish();
}

function writeMacs(row: NfcapdRow, b: Uint8Array, macs: Pending['macs']): void {
  if (macs.every((from) => from < 0)) return;
  row.mark(EX.macAddr);
  const names = [
    'sourceMacAddress',
    'postDestinationMacAddress',
    'destinationMacAddress',
    'postSourceMacAddress',
  ];
  for (const [i, name] of names.entries()) {
    const from = macs[i] ?? -1;
    if (from < 0) row.set(name, '00:00:00:00:00:00');
    else row.mac(name, b, from);
  }
}

/** Extensions 4 to 27: what routers export. */
function writeExtension(row: NfcapdRow, id: number, b: Uint8Array, at: number, pending: Pending): void {
  switch (id) {
    case 4:
      row.interfaces(u16(b, at), u16(b, at + 2));
      return;
    case 5:
      row.interfaces(u32(b, at), u32(b, at + 4));
      return;
    case 6:
      row.mark(EX.asRouting);
      row.autonomousSystems(u16(b, at), u16(b, at + 2));
      return;
    case 7:
      row.mark(EX.asRouting);
      row.autonomousSystems(u32(b, at), u32(b, at + 4));
      return;
    case 8:
      pending.misc = [b[at + 1] ?? 0, b[at] ?? 0, b[at + 2] ?? 0, b[at + 3] ?? 0];
      return;
    case 9:
      if (row.mark(EX.ipNextHopV4)) row.set('ipNextHopIPv4Address', row.addressText(b, at, 4));
      return;
    case 10:
      if (row.mark(EX.ipNextHopV6)) row.set('ipNextHopIPv6Address', row.addressText(b, at, 16));
      return;
    case 11:
      if (row.mark(EX.bgpNextHopV4)) row.set('bgpNextHopIPv4Address', row.addressText(b, at, 4));
      return;
    case 12:
      if (row.mark(EX.bgpNextHopV6)) row.set('bgpNextHopIPv6Address', row.addressText(b, at, 16));
      return;
    case 13:
      if (row.mark(EX.vLan)) {
        row.set('vlanId', u16(b, at));
        row.set('postVlanId', u16(b, at + 2));
      }
      return;
    case 14:
    case 15:
      pending.outPackets = id === 14 ? u32(b, at) : exactU64(b, at);
      pending.counted = true;
      return;
    case 16:
    case 17:
      pending.outBytes = id === 16 ? u32(b, at) : exactU64(b, at);
      pending.counted = true;
      return;
    case 18:
    case 19:
      pending.flows = id === 18 ? u32(b, at) : exactU64(b, at);
      pending.counted = true;
      return;
    case 20:
      pending.macs = [at, at + 8, pending.macs[2], pending.macs[3]];
      return;
    case 21:
      pending.macs = [pending.macs[0], pending.macs[1], at, at + 8];
      return;
    case 22:
      if (row.mark(EX.mplsLabel)) row.mplsLabels(b, at);
      return;
    case 23:
      row.mark(EX.ipReceivedV4);
      row.receivedFrom(b, at, 4);
      return;
    case 24:
      row.mark(EX.ipReceivedV6);
      row.receivedFrom(b, at, 16);
      return;
    case 25:
      row.setEngine((b[at + 2] ?? 0) * 256 + (b[at + 3] ?? 0));
      return;
    case 26:
      if (row.mark(EX.asAdjacent)) {
        row.set('bgpNextAdjacentAsNumber', u32(b, at));
        row.set('bgpPrevAdjacentAsNumber', u32(b, at + 4));
      }
      return;
    case 27:
      pending.received = u64(b, at);
  }
}

/** Extensions 37 to 48: firewalls, NAT, latency. */
function writeEventExtension(
  row: NfcapdRow,
  id: number,
  b: Uint8Array,
  at: number,
  length: number,
  pending: Pending,
): void {
  switch (id) {
    case 37: {
      if (!row.mark(EX.nselCommon)) return;
      const event = b[at + 14] ?? 0;
      pending.event = u64(b, at);
      pending.icmp = u16(b, at + 12);
      row.set('_eventMs', pending.event);
      row.set('flowId', u32(b, at + 8));
      row.set('_nselEvent', event);
      row.set('_nselEventName', firewallEventName(event));
      row.set('_nselExtEvent', u16(b, at + 16));
      return;
    }
    case 38:
      if (row.mark(EX.natXlatePort)) row.natPorts(b, at);
      return;
    case 39:
      if (row.mark(EX.natXlateIPv4)) {
        row.set('postNATSourceIPv4Address', row.addressText(b, at, 4));
        row.set('postNATDestinationIPv4Address', row.addressText(b, at + 4, 4));
      }
      return;
    case 40:
      if (row.mark(EX.natXlateIPv6)) {
        row.set('postNATSourceIPv6Address', row.addressText(b, at, 16));
        row.set('postNATDestinationIPv6Address', row.addressText(b, at + 16, 16));
      }
      return;
    case 41:
      if (row.mark(EX.nselAcl)) {
        row.acl('_ingressAcl', [u32(b, at), u32(b, at + 4), u32(b, at + 8)]);
        row.acl('_egressAcl', [u32(b, at + 12), u32(b, at + 16), u32(b, at + 20)]);
      }
      return;
    case 42:
    case 43:
      if (row.mark(EX.nselUser)) row.set('userName', userName(b, at, length));
      return;
    case 45:
      if (row.mark(EX.latency)) {
        row.set('_nf_cli_latency', u64(b, at) / 1000);
        row.set('_nf_srv_latency', u64(b, at + 8) / 1000);
        row.set('_nf_app_latency', u64(b, at + 16) / 1000);
      }
      return;
    case 46:
      if (row.mark(EX.natCommon)) {
        row.set('natEvent', b[at] ?? 0);
        row.set('_natEventName', natEventName(b[at] ?? 0));
        row.set('natPoolId', 0);
      }
      if (row.mark(EX.vrf)) {
        row.set('ingressVRFID', u32(b, at + 8));
        row.set('egressVRFID', u32(b, at + 4));
      }
      return;
    case 48:
      if (row.mark(EX.natPortBlock)) {
        row.set('portRangeStart', u16(b, at));
        row.set('portRangeEnd', u16(b, at + 2));
        row.set('portRangeStepSize', u16(b, at + 4));
        row.set('portRangeNumPorts', u16(b, at + 6));
      }
  }
}
