/**
 * A template's fields compiled: what is to be done with each value.
 *
 * Fields that have a core column are read straight into the typed array; the others become extras. A field is both where
 * the core column cannot tell what was exported: when an element occurs more than once (the extra holds the list, the
 * column the last one, as nfdump and nfacctd do), and when a record has an IPv4 and an IPv6 address for one end.
 */
import { VARIABLE_LENGTH, type FieldSpecifier } from './template.ts';
import { endSources, startSources, type TimeKind } from './times.ts';
import { fitsType, withinType } from './values.ts';

/** What a field does besides becoming an extra; 'none' for most. */
export const operations = {
  none: 0,
  sourceIPv4Address: 1,
  destinationIPv4Address: 2,
  sourceIPv6Address: 3,
  destinationIPv6Address: 4,
  sourceTransportPort: 5,
  destinationTransportPort: 6,
  protocolIdentifier: 7,
  tcpControlBits: 8,
  ipClassOfService: 9,
  octetDeltaCount: 10,
  packetDeltaCount: 11,
  ingressInterface: 12,
  egressInterface: 13,
  bgpSourceAsNumber: 14,
  bgpDestinationAsNumber: 15,
  octetTotalCount: 16,
  packetTotalCount: 17,
  ipVersion: 18,
  start: 19,
  end: 20,
  systemInit: 21,
  sampler: 22,
  eventTime: 23,
} as const;

/** Operations whose core column, under the element's own name, holds the exact value: no extra is needed. */
const LAST_FAITHFUL = operations.bgpDestinationAsNumber;

export const PADDING = 'paddingOctets';

export interface PlannedField {
  readonly name: string;
  readonly type: FieldSpecifier['type'];
  readonly length: number;
  readonly operation: number;
  /** For `start` and `end`: how the raw value is to be understood. */
  readonly time: TimeKind | undefined;
  /** Whether the value is also, or only, kept as an extra. */
  readonly extra: boolean;
  /** Where the element occurs more than once: which of the record's lists it belongs to; -1 otherwise. */
  readonly list: number;
  /** Padding, which nobody wants to see. */
  readonly skipped: boolean;
  /** An element that says the same under a registered name, where the template has only the old one. */
  readonly alias: FieldSpecifier | undefined;
}

/** NAT translations of Cisco ASA 8.1 (NF_F_XLATE_*), by the elements that say the same since. */
const aliases: ReadonlyMap<string, FieldSpecifier> = new Map([
  ['v9f40001', { name: 'postNATSourceIPv4Address', type: 'ipv4Address', length: 4 }],
  ['v9f40002', { name: 'postNATDestinationIPv4Address', type: 'ipv4Address', length: 4 }],
  ['v9f40003', { name: 'postNAPTSourceTransportPort', type: 'unsigned16', length: 2 }],
  ['v9f40004', { name: 'postNAPTDestinationTransportPort', type: 'unsigned16', length: 2 }],
]);

function aliasOf(field: FieldSpecifier, names: ReadonlySet<string>): FieldSpecifier | undefined {
  const alias = aliases.get(field.name);
  return alias && alias.length === field.length && !names.has(alias.name) ? alias : undefined;
}

/** Elements that make a record an event: firewall events (Cisco NSEL; NF_F_FW_EVENT before that) and NAT events (NEL). */
const eventNames: readonly string[] = ['firewallEvent', 'natEvent', 'v9f40005'];

/**
 * Whether records of these elements tell an event in a flow's life and no flow: they have no counters of a span of time.
 * Palo Alto and others put a firewall event into ordinary flows, which have them.
 */
export function tellsEvents(names: readonly string[]): boolean {
  return (
    eventNames.some((name) => names.includes(name)) &&
    !names.includes('octetDeltaCount') &&
    !names.includes('packetDeltaCount')
  );
}

/** Names that occur more than once. */
export function repeatedNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated];
}

/** One plan a field; `repeated` names the elements that occur more than once. */
export function planFields(fields: readonly FieldSpecifier[], repeated: readonly string[]): PlannedField[] {
  const lists = new Map(repeated.map((name, index) => [name, index]));
  const start = chooseTime(startSources, fields);
  const end = chooseTime(endSources, fields);
  const names = new Set(fields.map((field) => field.name));
  return fields.map((field) => {
    const list = lists.get(field.name) ?? -1;
    const source = field.name === start ? startSources : field.name === end ? endSources : undefined;
    const operation = source
      ? source === startSources
        ? operations.start
        : operations.end
      : usable(field)
        ? operationOf(field.name, names)
        : operations.none;
    const faithful =
      field.length !== VARIABLE_LENGTH &&
      withinType(field.type, field.length) &&
      ((operation > operations.none && operation <= LAST_FAITHFUL) ||
        source?.get(field.name) === 'milliseconds');
    const extra = list >= 0 || !faithful || twoFamilies(field.name, names);
    return {
      ...field,
      operation,
      time: source?.get(field.name),
      extra,
      list,
      skipped: field.name === PADDING,
      alias: list >= 0 ? undefined : aliasOf(field, names),
    };
  });
}

/** The first of `sources` that the template has in a usable length. */
function chooseTime(
  sources: ReadonlyMap<string, TimeKind>,
  fields: readonly FieldSpecifier[],
): string | undefined {
  return [...sources.keys()].find((name) => fields.some((field) => field.name === name && usable(field)));
}

/** Whether a value of the field can be of its type; with variable length that is known only at each value. */
function usable(field: FieldSpecifier): boolean {
  return field.length === VARIABLE_LENGTH || fitsType(field.type, field.length);
}

function operationOf(name: string, names: ReadonlySet<string>): number {
  switch (name) {
    // A Total counter speaks where no Delta was exported.
    case 'octetTotalCount':
      return names.has('octetDeltaCount') ? operations.none : operations.octetTotalCount;
    case 'packetTotalCount':
      return names.has('packetDeltaCount') ? operations.none : operations.packetTotalCount;
    case 'systemInitTimeMilliseconds':
      return operations.systemInit;
    case 'samplerId':
    case 'selectorId':
      return operations.sampler;
    case 'observationTimeMilliseconds':
      return operations.eventTime;
    case 'start':
    case 'end':
    case 'systemInit':
    case 'sampler':
    case 'eventTime':
      return operations.none;
    default:
      return Object.hasOwn(operations, name) ? operations[name as keyof typeof operations] : operations.none;
  }
}

function twoFamilies(name: string, names: ReadonlySet<string>): boolean {
  switch (name) {
    case 'sourceIPv4Address':
    case 'sourceIPv6Address':
      return names.has('sourceIPv4Address') && names.has('sourceIPv6Address');
    case 'destinationIPv4Address':
    case 'destinationIPv6Address':
      return names.has('destinationIPv4Address') && names.has('destinationIPv6Address');
    default:
      return false;
  }
}
