/** Whether a segment may hold a port or protocol that passes: by what it noted of them, before it is read. */
import type { CoreColumnName } from '../model/flow-batch.ts';
import type { SegmentSummary } from '../model/segment-summary.ts';
import { passes, type NumberMatch } from './number-match.ts';

const LAST_PORT = 65_535;
const LAST_PROTOCOL = 255;

/** False where no row of the segment has a value in the column that passes; true of columns of which nothing is noted. */
export function mayHoldPassing(segment: SegmentSummary, name: CoreColumnName, match: NumberMatch): boolean {
  if (name === 'protocolIdentifier') {
    const { protocols } = segment;
    return protocols === null || isOpen(match, LAST_PROTOCOL) || protocols.some((one) => passes(match, one));
  }
  if (name !== 'sourceTransportPort' && name !== 'destinationTransportPort') return true;
  if (isOpen(match, LAST_PORT)) return true;
  if (match.kind === 'set') return [...match.numbers].some((port) => mayHold(segment, port, port));
  return mayHold(segment, match.lowest, match.highest);
}

/** False where every row passes: of protocols alone, which are noted one by one. */
export function mayHoldFailing(segment: SegmentSummary, name: CoreColumnName, match: NumberMatch): boolean {
  if (name !== 'protocolIdentifier' || segment.protocols === null) return true;
  return segment.protocols.some((one) => !passes(match, one));
}

/** Passing what does not fit the column: such a value is kept elsewhere, exactly. */
function isOpen(match: NumberMatch, last: number): boolean {
  if (match.kind === 'set') return [...match.numbers].some((value) => value > last);
  return match.outside || match.highest >= last;
}

function mayHold(segment: SegmentSummary, lowest: number, highest: number): boolean {
  const first = Math.max(Math.ceil(lowest), 0);
  const last = Math.min(Math.floor(highest), LAST_PORT);
  return first <= last && segment.mayHoldPort(first, last);
}
