/** Predicates over what is not a stored number by itself: rates, TCP flags, ICMP, MPLS, access lists, payloads. */
import type { ElementValue, SitedBatch } from '../model/flow-batch.ts';
import type { Source } from './fields.ts';
import { selectIf, selectNumbers } from './columns.ts';
import { extraReader, selectExtras } from './extras.ts';
import { numberMatch, passes, passesValue, type NumberMatch } from './number-match.ts';
import { inverse, noRows, opaque, type Predicate, type Rows } from './predicate.ts';
import { numberValue } from './values.ts';

const TCP = 6;
const ICMP = 1;
const ICMP6 = 58;
const COST_OF_FLAGS = 50;
const COST_OF_RATE = 80;
export const COST_OF_EXTRA = 90;

const equals = (value: number): NumberMatch => numberMatch('=', [numberValue(BigInt(value))]);

/**
 * Duration in ms, packets and bits a second, bytes a packet: whole numbers, rounded down, as nfdump computes them. A
 * flow without a known or positive duration has a rate of 0.
 */
export function ratePredicate(what: (Source & { by: 'rate' })['what'], match: NumberMatch): Predicate {
  return opaque(COST_OF_RATE, (batch, rows) => {
    const { columns } = batch;
    if (what === 'bpp') {
      const { octetDeltaCount: octets, packetDeltaCount: packets } = columns;
      return selectIf(batch.count, rows, (row) => {
        const count = packets[row] as number;
        return passes(match, count > 0 ? Math.floor((octets[row] as number) / count) : 0);
      });
    }
    const { flowStartMilliseconds: starts, flowEndMilliseconds: ends } = columns;
    const duration = (row: number): number => {
      const length = Math.floor((ends[row] as number) - (starts[row] as number));
      return length > 0 ? length : 0;
    };
    if (what === 'duration') return selectIf(batch.count, rows, (row) => passes(match, duration(row)));
    const counts = what === 'pps' ? columns.packetDeltaCount : columns.octetDeltaCount;
    const factor = what === 'pps' ? 1000 : 8000;
    return selectIf(batch.count, rows, (row) => {
      const length = duration(row);
      return passes(match, length > 0 ? Math.floor((factor * (counts[row] as number)) / length) : 0);
    });
  });
}

/**
 * TCP flags. Letters ask that all of them are set; within a `not`, that none is (nfdump: `flags S and not flags AFRPU`).
 * Numbers compare the low eight bits. Only TCP has flags.
 */
export function flagsPredicate(wanted: number | NumberMatch, negated: boolean): Predicate {
  return opaque(COST_OF_FLAGS, (batch, rows) => {
    const tcp = selectNumbers([batch.columns.protocolIdentifier], equals(TCP), rows);
    if (tcp.length === 0) return tcp;
    const { tcpControlBits: flags } = batch.columns;
    if (typeof wanted !== 'number') {
      return selectIf(batch.count, tcp, (row) => passes(wanted, (flags[row] as number) & 0xff));
    }
    return negated
      ? selectIf(batch.count, tcp, (row) => ((flags[row] as number) & wanted) !== 0)
      : selectIf(batch.count, tcp, (row) => ((flags[row] as number) & wanted) === wanted);
  });
}

/** Type and code of ICMP and ICMPv6; where no element has them, from the destination port, as routers export them. */
export function icmpPredicate(what: 'type' | 'code', match: NumberMatch): Predicate {
  const own = what === 'type' ? ['icmpTypeIPv4', 'icmpTypeIPv6'] : ['icmpCodeIPv4', 'icmpCodeIPv6'];
  const part = (both: number): number => (what === 'type' ? both >>> 8 : both & 0xff);
  const icmp = numberMatch('in', [numberValue(BigInt(ICMP)), numberValue(BigInt(ICMP6))]);
  return opaque(COST_OF_FLAGS, (batch, rows) => {
    const left = selectNumbers([batch.columns.protocolIdentifier], icmp, rows);
    if (left.length === 0) return left;
    const single = extraReader(batch, own);
    const joined = extraReader(batch, ['icmpTypeCodeIPv4', 'icmpTypeCodeIPv6']);
    const { destinationTransportPort: ports } = batch.columns;
    return selectIf(batch.count, left, (row) => {
      const both = joined(row);
      const value = single(row) ?? part(typeof both === 'number' ? both : (ports[row] as number));
      return passesValue(match, value);
    });
  });
}

interface MplsEntry {
  readonly label: number;
  readonly exp: number;
  readonly bottom: boolean;
}

const sections = Array.from({ length: 10 }, (_, i) =>
  i === 0 ? 'mplsTopLabelStackSection' : `mplsLabelStackSection${i + 1}`,
);

/** A label stack: nfcapd's `label-exp-bottom` texts, or the three octets of each element. */
export function mplsPredicate({ part, index }: Source & { by: 'mpls' }, match: NumberMatch): Predicate {
  return opaque(COST_OF_EXTRA, (batch, rows) => {
    const stacks = extraReader(batch, ['_mplsLabels']);
    const octets = sections.map((name) => extraReader(batch, [name]));
    const entry = (row: number, at: number): MplsEntry | undefined => {
      const stack = stacks(row);
      if (Array.isArray(stack)) {
        const numbers = String(stack[at] ?? '')
          .split('-')
          .map(Number);
        const [label = 0, exp = 0, bottom = 0] = numbers;
        return stack[at] === undefined ? undefined : { label, exp, bottom: bottom === 1 };
      }
      const hex = octets[at]?.(row);
      if (typeof hex !== 'string' || !/^[\da-f]{6}$/i.test(hex)) return undefined;
      const bits = Number.parseInt(hex, 16);
      return { label: bits >>> 4, exp: (bits >>> 1) & 7, bottom: (bits & 1) === 1 };
    };
    return selectIf(batch.count, rows, (row) => {
      if (part !== 'bottom') return passes(match, entry(row, index)?.[part] ?? 0);
      for (let at = 0; at < 10; at++) {
        const one = entry(row, at);
        if (one?.bottom) return passes(match, one.label);
      }
      return false;
    });
  });
}

/** One of the three numbers of a Cisco ASA access list entry, `0x1/0x2/0x3`. */
export function aclPredicate({ name, index }: Source & { by: 'acl' }, match: NumberMatch): Predicate {
  const test = (value: ElementValue): boolean =>
    passes(match, typeof value === 'string' ? Number(value.split('/')[index] ?? 0) : 0);
  return opaque(COST_OF_EXTRA, (batch, rows) => selectExtras(batch, rows, [name], test, passes(match, 0)));
}

/** Denied by the firewall, for a reason. */
export function deniedPredicate(reason: NumberMatch): Predicate {
  return opaque(COST_OF_EXTRA, (batch, rows) => {
    const denied = selectExtras(batch, rows, ['_nselEvent', 'firewallEvent'], (value) => value === 3, false);
    return selectExtras(
      batch,
      denied,
      ['_nselExtEvent'],
      (value) => passesValue(reason, value),
      passes(reason, 0),
    );
  });
}

/** A port within the block that a NAT set aside. A row without a block has the block from 0 to 0, as nfdump has it. */
export function portBlockPredicate(name: 'sourceTransportPort' | 'destinationTransportPort'): Predicate {
  return opaque(COST_OF_EXTRA, (batch, rows) => {
    const first = extraReader(batch, ['portRangeStart']);
    const last = extraReader(batch, ['portRangeEnd']);
    const ports = batch.columns[name];
    return selectIf(batch.count, rows, (row) => {
      const port = ports[row] as number;
      return port >= Number(first(row) ?? 0) && port <= Number(last(row) ?? 0);
    });
  });
}

/** A text within the payload, which is kept as hex. */
export function payloadPredicate(text: string): Predicate {
  const octets = text
    .split('')
    .map((letter) => (letter.charCodeAt(0) & 0xff).toString(16).padStart(2, '0'))
    .join('');
  const test = (value: ElementValue): boolean => {
    if (typeof value !== 'string') return false;
    let at = value.indexOf(octets);
    while (at !== -1 && at % 2 === 1) at = value.indexOf(octets, at + 1);
    return at !== -1;
  };
  return opaque(COST_OF_EXTRA, (batch, rows) => selectExtras(batch, rows, ['_nf_in_payload'], test, false));
}

/** Texts compared without regard to case (MAC addresses), or with. */
export function textPredicate(
  names: readonly string[],
  wanted: readonly string[],
  negated: boolean,
  fold: boolean,
): Predicate {
  const folded = (text: string): string => (fold ? text.toLowerCase() : text);
  const set = new Set(wanted.map(folded));
  const test = (value: ElementValue): boolean => typeof value === 'string' && set.has(folded(value));
  const predicate = opaque(COST_OF_EXTRA, (batch, rows) => {
    if (names.length === 0) return noRows;
    return selectExtras(batch, rows, names, test, false);
  });
  return negated ? inverse(predicate) : predicate;
}

/** Rows whose index into a small table of the batch (exporters, datagrams) passes. */
export function selectIndexed(
  indexes: Uint16Array | Uint32Array,
  passing: readonly boolean[],
  absent: boolean,
  rows: Rows,
): Uint32Array {
  if (!absent && !passing.includes(true)) return noRows;
  return selectIf(indexes.length, rows, (row) => passing[indexes[row] as number] ?? absent);
}

/** The version of the datagram that brought the flow; 0 where none is known. */
export function versionPredicate(match: NumberMatch): Predicate {
  return opaque(COST_OF_FLAGS, (batch: SitedBatch, rows) =>
    selectIndexed(
      batch.columns.datagram,
      batch.datagrams.map(({ version }) => passes(match, version)),
      passes(match, 0),
      rows,
    ),
  );
}
