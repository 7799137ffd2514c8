/**
 * Flow records of nfdump 1.7 (file layout 2, "V3 records"): a header, then elements, each with its own header.
 *
 * | at | V3 record header |   | at | element header |
 * |----|------------------|---|----|----------------|
 * |  0 | u16 type = 11    |   |  0 | u16 id         |
 * |  2 | u16 size         |   |  2 | u16 size       |
 * |  4 | u16 elements     |   |  4 | the element    |
 * |  6 | u8 engine type   |
 * |  7 | u8 engine id     |
 * |  8 | u16 exporter id  |
 * | 10 | u8 flags: 1 event, 2 sampled, 4 anonymised |
 * | 11 | u8 export version |
 *
 * Sizes include the header. The elements are tabled in README.md.
 */
import { decodeUtf8, formatHex } from '../model/text.ts';
import { be32 } from './big-endian.ts';
import { exactU64, u16, u32, u64 } from './little-endian.ts';
import { EX } from './nfcapd-layout.ts';
import { firewallEventName, natEventName } from './nfcapd-events.ts';
import type { NfcapdRow } from './nfcapd-row.ts';

export const V3_HEADER_BYTES = 12;

/** The shortest body of each element that we read; shorter ones are broken. Ids not listed are passed over. */
const bodyBytes: Readonly<Record<number, number>> = {
  [EX.genericFlow]: 48,
  [EX.ipv4Flow]: 8,
  [EX.ipv6Flow]: 32,
  [EX.flowMisc]: 12,
  [EX.cntFlow]: 24,
  [EX.vLan]: 8,
  [EX.asRouting]: 8,
  [EX.bgpNextHopV4]: 4,
  [EX.bgpNextHopV6]: 16,
  [EX.ipNextHopV4]: 4,
  [EX.ipNextHopV6]: 16,
  [EX.ipReceivedV4]: 4,
  [EX.ipReceivedV6]: 16,
  [EX.mplsLabel]: 40,
  [EX.macAddr]: 32,
  [EX.asAdjacent]: 8,
  [EX.latency]: 24,
  [EX.samplerInfo]: 12,
  [EX.nselCommon]: 16,
  [EX.natXlateIPv4]: 8,
  [EX.natXlateIPv6]: 32,
  [EX.natXlatePort]: 4,
  [EX.nselAcl]: 24,
  [EX.nselUser]: 1,
  [EX.natCommon]: 16,
  [EX.natPortBlock]: 8,
  [EX.nbarApp]: 0,
  [EX.label]: 0,
  [EX.inPayload]: 0,
  [EX.outPayload]: 0,
  [EX.tunIPv4]: 12,
  [EX.tunIPv6]: 36,
  [EX.observation]: 12,
  [EX.inmonMeta]: 4,
  [EX.inmonFrame]: 0,
  [EX.vrf]: 8,
  [EX.pfinfo]: 8,
  [EX.layer2]: 27,
  [EX.flowId]: 8,
  [EX.nokiaNat]: 4,
  [EX.nokiaNatString]: 0,
  [EX.ipInfo]: 4,
};

/** What was wrong with a record; undefined where all is well. Then the row is written but its columns may lack it. */
export type RecordFault = string | undefined;

/** Writes the V3 record of `size` bytes at `at` (checked by the caller to be there) into a row. */
export function writeV3Record(
  row: NfcapdRow,
  bytes: Uint8Array,
  at: number,
  size: number,
  offset: number,
): RecordFault {
  const engine = (bytes[at + 6] ?? 0) * 256 + (bytes[at + 7] ?? 0);
  row.begin(offset, u16(bytes, at + 8), engine);
  const flags = bytes[at + 10] ?? 0;
  row.flags((flags & 1) !== 0, (flags & 2) !== 0);
  const end = at + size;
  let elements = u16(bytes, at + 4);
  let fault: RecordFault;
  let cursor = at + V3_HEADER_BYTES;
  for (; elements > 0 && cursor + 4 <= end; elements--) {
    const id = u16(bytes, cursor);
    const length = u16(bytes, cursor + 2);
    if (length < 4 || cursor + length > end) {
      fault = `element ${id} says ${length} bytes where the record has ${end - cursor} left`;
      break;
    }
    const needed = bodyBytes[id];
    if (needed !== undefined) {
      if (length - 4 < needed) fault = `element ${id} has ${length - 4} bytes instead of ${needed}`;
      else if (row.mark(id)) writeElement(row, id, bytes, cursor + 4, length - 4);
    }
    cursor += length;
  }
  if (elements > 0) fault ??= `${elements} elements are missing`;
  row.finish();
  return fault;
}

function writeElement(row: NfcapdRow, id: number, b: Uint8Array, at: number, length: number): void {
  switch (id) {
    case EX.genericFlow:
      row.times(u64(b, at), u64(b, at + 8), u64(b, at + 16));
      row.counter('packetDeltaCount', b, at + 24, 8);
      row.counter('octetDeltaCount', b, at + 32, 8);
      row.transport(
        b[at + 44] ?? 0,
        b[at + 45] ?? 0,
        b[at + 47] ?? 0,
        b[at + 46] ?? 0,
        u16(b, at + 40),
        u16(b, at + 42),
      );
      return;
    case EX.ipv4Flow:
      row.addresses(b, at, 4);
      return;
    case EX.ipv6Flow:
      row.addresses(b, at, 16);
      return;
    case EX.flowMisc:
      row.interfaces(u32(b, at), u32(b, at + 4));
      row.misc(b[at + 10] ?? 0, b[at + 11] ?? 0, b[at + 8] ?? 0, b[at + 9] ?? 0);
      if (length >= 14) row.endReason(b[at + 12] ?? 0, b[at + 13] ?? 0);
      return;
    case EX.cntFlow:
      row.set('postPacketDeltaCount', exactU64(b, at + 8));
      row.set('postOctetDeltaCount', exactU64(b, at + 16));
      row.set('_aggregatedFlows', exactU64(b, at));
      return;
    case EX.vLan:
      row.set('vlanId', u32(b, at));
      row.set('postVlanId', u32(b, at + 4));
      return;
    case EX.asRouting:
      row.autonomousSystems(u32(b, at), u32(b, at + 4));
      return;
    case EX.bgpNextHopV4:
      row.set('bgpNextHopIPv4Address', row.addressText(b, at, 4));
      return;
    case EX.bgpNextHopV6:
      row.set('bgpNextHopIPv6Address', row.addressText(b, at, 16));
      return;
    case EX.ipNextHopV4:
      row.set('ipNextHopIPv4Address', row.addressText(b, at, 4));
      return;
    case EX.ipNextHopV6:
      row.set('ipNextHopIPv6Address', row.addressText(b, at, 16));
      return;
    case EX.ipReceivedV4:
      row.receivedFrom(b, at, 4);
      return;
    case EX.ipReceivedV6:
      row.receivedFrom(b, at, 16);
      return;
    case EX.mplsLabel:
      row.mplsLabels(b, at);
      return;
    case EX.macAddr:
      row.mac('sourceMacAddress', b, at);
      row.mac('postDestinationMacAddress', b, at + 8);
      row.mac('destinationMacAddress', b, at + 16);
      row.mac('postSourceMacAddress', b, at + 24);
      return;
    case EX.asAdjacent:
      row.set('bgpNextAdjacentAsNumber', u32(b, at));
      row.set('bgpPrevAdjacentAsNumber', u32(b, at + 4));
      return;
    case EX.latency:
      row.set('_nf_cli_latency', u64(b, at) / 1000);
      row.set('_nf_srv_latency', u64(b, at + 8) / 1000);
      row.set('_nf_app_latency', u64(b, at + 16) / 1000);
      return;
    default:
      writeRarerElement(row, id, b, at, length);
  }
}

function writeRarerElement(row: NfcapdRow, id: number, b: Uint8Array, at: number, length: number): void {
  switch (id) {
    case EX.samplerInfo:
      // nfdump 1.7.0 wrote id, interval, mode (12 bytes), later versions a 64-bit selector.
      row.set('selectorId', length >= 16 ? exactU64(b, at) : u32(b, at));
      return;
    case EX.nselCommon: {
      const event = b[at + 14] ?? 0;
      row.set('_eventMs', u64(b, at));
      setFlowId(row, u32(b, at + 8));
      row.set('_nselExtEvent', u16(b, at + 12));
      row.set('_nselEvent', event);
      row.set('_nselEventName', firewallEventName(event));
      return;
    }
    case EX.natXlateIPv4:
      row.set('postNATSourceIPv4Address', row.addressText(b, at, 4));
      row.set('postNATDestinationIPv4Address', row.addressText(b, at + 4, 4));
      return;
    case EX.natXlateIPv6:
      row.set('postNATSourceIPv6Address', row.addressText(b, at, 16));
      row.set('postNATDestinationIPv6Address', row.addressText(b, at + 16, 16));
      return;
    case EX.natXlatePort:
      row.natPorts(b, at);
      return;
    case EX.nselAcl:
      row.acl('_ingressAcl', aclIds(b, at));
      row.acl('_egressAcl', aclIds(b, at + 12));
      return;
    case EX.nselUser:
      row.set('userName', userName(b, at, length));
      return;
    case EX.natCommon:
      writeNatCommon(row, b, at, length);
      return;
    case EX.natPortBlock:
      row.set('portRangeStart', u16(b, at));
      row.set('portRangeEnd', u16(b, at + 2));
      row.set('portRangeStepSize', u16(b, at + 4));
      row.set('portRangeNumPorts', u16(b, at + 6));
      return;
    case EX.tunIPv4:
      row.set('_nf_tun_proto', u32(b, at + 8));
      row.set('_nf_src4_tun_ip', row.addressText(b, at, 4));
      row.set('_nf_dst4_tun_ip', row.addressText(b, at + 4, 4));
      return;
    case EX.tunIPv6:
      if (!row.has(EX.tunIPv4)) row.set('_nf_tun_proto', u32(b, at + 32));
      row.set('_nf_src6_tun_ip', row.addressText(b, at, 16));
      row.set('_nf_dst6_tun_ip', row.addressText(b, at + 16, 16));
      return;
    case EX.observation:
      row.set('observationPointId', exactU64(b, at));
      row.set('observationDomainId', u32(b, at + 8));
      return;
    case EX.vrf:
      setVrf(row, u32(b, at + 4), u32(b, at));
      return;
    default:
      writeOpaqueElement(row, id, b, at, length);
  }
}

/** Elements that nfdump 1.7.1 keeps but does not print as JSON. */
function writeOpaqueElement(row: NfcapdRow, id: number, b: Uint8Array, at: number, length: number): void {
  switch (id) {
    case EX.nbarApp:
      row.set('applicationId', formatHex(b, at, length));
      return;
    case EX.label:
      row.set('_nf_label', textOf(b, at, length));
      return;
    case EX.inPayload:
      row.set('_nf_in_payload', formatHex(b, at, length));
      return;
    case EX.outPayload:
      row.set('_nf_out_payload', formatHex(b, at, length));
      return;
    case EX.inmonMeta:
      row.set('_nf_frame_size', u16(b, at));
      row.set('_nf_link_type', u16(b, at + 2));
      return;
    case EX.inmonFrame:
      row.set('_nf_frame', formatHex(b, at, length));
      return;
    case EX.pfinfo:
      row.set('_nf_pf_action', b[at] ?? 0);
      row.set('_nf_pf_reason', b[at + 1] ?? 0);
      row.set('_nf_pf_dir', b[at + 2] ?? 0);
      row.set('_nf_pf_rule', u32(b, at + 4));
      return;
    case EX.layer2:
      row.set('dot1qVlanId', u16(b, at));
      row.set('dot1qCustomerVlanId', u16(b, at + 2));
      row.set('postDot1qVlanId', u16(b, at + 4));
      row.set('postDot1qCustomerVlanId', u16(b, at + 6));
      row.set('ingressPhysicalInterface', u32(b, at + 8));
      row.set('egressPhysicalInterface', u32(b, at + 12));
      row.set('layer2SegmentId', exactU64(b, at + 16));
      row.set('ethernetType', u16(b, at + 24));
      row.set('ipVersion', b[at + 26] ?? 0);
      return;
    case EX.flowId:
      if (!row.has(EX.nselCommon)) row.set('flowId', exactU64(b, at));
      return;
    case EX.nokiaNat:
      row.set('_nf_in_service_id', u16(b, at));
      row.set('_nf_out_service_id', u16(b, at + 2));
      return;
    case EX.nokiaNatString:
      row.set('_nf_nat_substring', textOf(b, at, length));
      return;
    case EX.ipInfo:
      row.set('fragmentFlags', b[at + 1] ?? 0);
      row.set('minimumTTL', b[at + 2] ?? 0);
      row.set('maximumTTL', b[at + 3] ?? 0);
  }
}

/** nfdump 1.7.0 kept the VRFs inside (24 bytes); later versions have an element of their own for them. */
function writeNatCommon(row: NfcapdRow, b: Uint8Array, at: number, length: number): void {
  const old = length >= 24;
  const event = b[at + (old ? 20 : 12)] ?? 0;
  row.set('natEvent', event);
  row.set('_natEventName', natEventName(event));
  row.set('natPoolId', u32(b, at + (old ? 16 : 8)));
  if (!row.has(EX.nselCommon)) row.set('_eventMs', u64(b, at));
  if (old && row.mark(EX.vrf)) setVrf(row, u32(b, at + 12), u32(b, at + 8));
}

function setVrf(row: NfcapdRow, ingress: number, egress: number): void {
  row.set('ingressVRFID', ingress);
  row.set('egressVRFID', egress);
}

function setFlowId(row: NfcapdRow, id: number): void {
  if (!row.has(EX.flowId)) row.set('flowId', id);
}

/** nfdump 1.7 keeps these as they came on the wire, in network order. */
function aclIds(b: Uint8Array, at: number): [number, number, number] {
  return [be32(b, at), be32(b, at + 4), be32(b, at + 8)];
}

/** Text up to the first NUL. */
function textOf(bytes: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return decodeUtf8(bytes, at, end - at);
}

/** nfdump writes `<empty>` where the exporter sent no name. */
export function userName(bytes: Uint8Array, at: number, length: number): string {
  return textOf(bytes, at, length) || '<empty>';
}
