/** Does a UDP payload look like a flow export? On any port; the decoder judges the rest. */
import { be16 } from './big-endian.ts';

/** Exporters put up to 30 records into a v5 datagram; more than fit 64 KiB cannot be. */
const MAX_RECORDS_5 = 1364;
const RECORD_5 = 48;

/** NetFlow v5, v9 or IPFIX by version number and a length that agrees with it. */
export function looksLikeFlowExport(payload: Uint8Array): boolean {
  switch (be16(payload, 0)) {
    case 5: {
      const count = be16(payload, 2);
      const records = (payload.length - 24) / RECORD_5;
      return (
        records >= 0 && count > 0 && count <= MAX_RECORDS_5 && (count <= records || Number.isInteger(records))
      );
    }
    case 9:
      return payload.length >= 20 && isSet(payload, 20, 0, 1);
    case 10:
      return payload.length >= 16 && be16(payload, 2) <= payload.length && isSet(payload, 16, 2, 3);
    default:
      return false;
  }
}

/** True where a set (RFC 3954 5, RFC 7011 3.3) begins at `at`, or the header stands alone. */
function isSet(payload: Uint8Array, at: number, template: number, options: number): boolean {
  if (payload.length < at + 4) return payload.length === at;
  const id = be16(payload, at);
  return (id === template || id === options || id >= 256) && be16(payload, at + 2) >= 4;
}
