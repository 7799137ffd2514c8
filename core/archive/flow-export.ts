/** Does a UDP payload look like a flow export? On any port; the decoder judges the rest. */
import { recordLength8 } from '../decode/netflow8.ts';
import { be16 } from './big-endian.ts';

/** More records than fit 64 KiB cannot be, whatever the version. */
const MAX_DATAGRAM = 65_535;

/** NetFlow v1 to v9, IPFIX or sFlow v5, by version number and a length that agrees with it. */
export function looksLikeFlowExport(payload: Uint8Array): boolean {
  switch (be16(payload, 0)) {
    case 0:
      return isSFlow(payload);
    case 1:
      return hasRecords(payload, 16, 48);
    case 5:
      return hasRecords(payload, 24, 48);
    case 7:
      return hasRecords(payload, 24, 52);
    case 8: {
      const length = recordLength8(payload[22] ?? 0);
      return length !== undefined && hasRecords(payload, 28, length);
    }
    case 9:
      return payload.length >= 20 && isSet(payload, 20, 0, 1);
    case 10:
      return payload.length >= 16 && be16(payload, 2) <= payload.length && isSet(payload, 16, 2, 3);
    default:
      return false;
  }
}

/** A header, then the records that it announces, or as many whole ones as the datagram holds. */
function hasRecords(payload: Uint8Array, header: number, record: number): boolean {
  const count = be16(payload, 2);
  const records = (payload.length - header) / record;
  return (
    records >= 0 &&
    count > 0 &&
    count <= (MAX_DATAGRAM - header) / record &&
    (count <= records || Number.isInteger(records))
  );
}

/** sFlow's version is 32 bits wide; an IPv4 or IPv6 address of the agent follows. */
function isSFlow(payload: Uint8Array): boolean {
  if (be16(payload, 2) !== 5 || be16(payload, 4) !== 0) return false;
  const family = be16(payload, 6);
  return (family === 1 && payload.length >= 28) || (family === 2 && payload.length >= 40);
}

/** True where a set (RFC 3954 5, RFC 7011 3.3) begins at `at`, or the header stands alone. */
function isSet(payload: Uint8Array, at: number, template: number, options: number): boolean {
  if (payload.length < at + 4) return payload.length === at;
  const id = be16(payload, at);
  return (id === template || id === options || id >= 256) && be16(payload, at + 2) >= 4;
}
