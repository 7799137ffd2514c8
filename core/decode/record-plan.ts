/**
 * A template compiled once into a plan, and a record decoded by the plan.
 *
 * Each field gets an operation. Fields that have a core column are read straight into the typed array; the others become
 * extras. A field is both where the core column cannot tell what was exported: when an element occurs more than once
 * (the extra holds the list, the column the last one, as nfdump and nfacctd do), and when a record has an IPv4 and an
 * IPv6 address for one end.
 */
import type { OptionsRecord } from '../model/chunk.ts';
import type { ElementValue, FlowBatchBuilder, RecordLayout } from '../model/flow-batch.ts';
import { gatherRepeated, locate, readField, type NestedTemplates } from './structured.ts';
import { VARIABLE_LENGTH, minimumLength, type FieldSpecifier, type TemplateRecord } from './template.ts';
import { endSources, resolveTime, resolveUptime, startSources, type Clocks, type TimeKind } from './times.ts';
import {
  UNSAFE_HIGH,
  exactUnsigned,
  fitsType,
  readU16,
  readU32,
  readUnsigned,
  withinType,
} from './values.ts';

/** What a field does besides becoming an extra; 'none' for most. */
const operations = {
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
} as const;

/** Operations whose core column, under the element's own name, holds the exact value: no extra is needed. */
const LAST_FAITHFUL = operations.bgpDestinationAsNumber;

const PADDING = 'paddingOctets';

interface PlannedField {
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
}

/** What a record needs to know of the datagram that carried it. */
export interface RecordContext extends Clocks {
  /** systemInitTimeMilliseconds of an earlier options record (IPFIX), NaN where unknown. */
  readonly systemInit: number;
  readonly templates: NestedTemplates;
  readonly extras: ExtraTargets;
}

/** A plan's extra columns in the batch in hand, by field: to find them by name for every value is slow. */
export type ExtraTargets = ReturnType<FlowBatchBuilder['extra']>[];

export class RecordPlan {
  readonly layout: RecordLayout;
  readonly options: boolean;
  readonly fields: readonly FieldSpecifier[];
  /** Fewest bytes of a record; the exact number where `variable` is false. */
  readonly minimumLength: number;
  readonly variable: boolean;
  readonly #planned: readonly PlannedField[];
  readonly #listNames: readonly string[];
  constructor(record: TemplateRecord) {
    this.fields = record.fields;
    this.options = record.options;
    this.minimumLength = minimumLength(record.fields);
    this.variable = record.fields.some((field) => field.length === VARIABLE_LENGTH);
    const names = record.fields.map((field) => field.name).filter((name) => name !== PADDING);
    this.layout = { templateId: record.id, fields: [...new Set(names)] };
    this.#listNames = repeatedNames(names);
    this.#planned = planFields(record.fields, this.#listNames);
  }

  /**
   * Decodes the flow record at `at` into row `row`. Returns where it ends, or -1 where it overruns `end`: the row is then
   * to be abandoned.
   */
  decodeFlow(
    bytes: Uint8Array,
    at: number,
    end: number,
    builder: FlowBatchBuilder,
    row: number,
    context: RecordContext,
  ): number {
    const columns = builder.columns;
    const lists: ElementValue[][] | undefined =
      this.#listNames.length > 0 ? this.#listNames.map(() => []) : undefined;
    let startUptime = Number.NaN;
    let endUptime = Number.NaN;
    let systemInit = context.systemInit;
    let ipVersion = 0;
    let source4 = 0;
    let source6 = 0;
    let destination4 = 0;
    let destination6 = 0;
    let sourceLater = 0;
    let destinationLater = 0;
    let position = at;
    const planned = this.#planned;
    for (let index = 0; index < planned.length; index++) {
      const field = planned[index];
      if (!field) continue;
      let length = field.length;
      let operation = field.operation;
      if (length === VARIABLE_LENGTH) {
        if (position >= end) return -1;
        length = bytes[position++] ?? 0;
        if (length === 255) {
          if (end - position < 2) return -1;
          length = readU16(bytes, position);
          position += 2;
        }
        if (!fitsType(field.type, length)) operation = operations.none;
      }
      const value = position;
      position += length;
      if (position > end) return -1;
      switch (operation) {
        case operations.none:
          break;
        case operations.sourceIPv4Address:
          source4 = builder.addresses.internIPv4(bytes, value);
          if (readU32(bytes, value) !== 0) sourceLater = source4;
          break;
        case operations.destinationIPv4Address:
          destination4 = builder.addresses.internIPv4(bytes, value);
          if (readU32(bytes, value) !== 0) destinationLater = destination4;
          break;
        case operations.sourceIPv6Address:
          source6 = builder.addresses.internIPv6(bytes, value);
          if (!isZero(bytes, value, 16)) sourceLater = source6;
          break;
        case operations.destinationIPv6Address:
          destination6 = builder.addresses.internIPv6(bytes, value);
          if (!isZero(bytes, value, 16)) destinationLater = destination6;
          break;
        case operations.sourceTransportPort:
          columns.sourceTransportPort[row] = readUnsigned(bytes, value, length);
          break;
        case operations.destinationTransportPort:
          columns.destinationTransportPort[row] = readUnsigned(bytes, value, length);
          break;
        case operations.protocolIdentifier:
          columns.protocolIdentifier[row] = readUnsigned(bytes, value, length);
          break;
        case operations.tcpControlBits:
          columns.tcpControlBits[row] = readUnsigned(bytes, value, length);
          break;
        case operations.ipClassOfService:
          columns.ipClassOfService[row] = readUnsigned(bytes, value, length);
          break;
        case operations.octetDeltaCount:
        case operations.octetTotalCount:
          columns.octetDeltaCount[row] = readUnsigned(bytes, value, length);
          break;
        case operations.packetDeltaCount:
        case operations.packetTotalCount:
          columns.packetDeltaCount[row] = readUnsigned(bytes, value, length);
          break;
        case operations.ingressInterface:
          columns.ingressInterface[row] = readUnsigned(bytes, value, length);
          break;
        case operations.egressInterface:
          columns.egressInterface[row] = readUnsigned(bytes, value, length);
          break;
        case operations.bgpSourceAsNumber:
          columns.bgpSourceAsNumber[row] = readUnsigned(bytes, value, length);
          break;
        case operations.bgpDestinationAsNumber:
          columns.bgpDestinationAsNumber[row] = readUnsigned(bytes, value, length);
          break;
        case operations.ipVersion:
          ipVersion = readUnsigned(bytes, value, length);
          break;
        case operations.start:
          if (field.time === 'uptime') startUptime = readUnsigned(bytes, value, length);
          else columns.flowStartMilliseconds[row] = resolveTime(field.time, bytes, value, length, context);
          break;
        case operations.end:
          if (field.time === 'uptime') endUptime = readUnsigned(bytes, value, length);
          else columns.flowEndMilliseconds[row] = resolveTime(field.time, bytes, value, length, context);
          break;
        case operations.systemInit:
          systemInit = readUnsigned(bytes, value, length);
          break;
      }
      if (field.extra || operation === operations.none) {
        if (field.skipped) continue;
        const decoded = readField(field, bytes, value, length, context.templates);
        if (field.list >= 0) lists?.[field.list]?.push(decoded);
        else setExtra(context.extras, index, field.name, builder, row, decoded);
      } else if (length === 8 && readU32(bytes, value) >= UNSAFE_HIGH) {
        setExtra(context.extras, index, field.name, builder, row, exactUnsigned(bytes, value, 8));
      }
    }
    columns.sourceAddress[row] = chooseAddress(source4, source6, sourceLater, ipVersion);
    columns.destinationAddress[row] = chooseAddress(destination4, destination6, destinationLater, ipVersion);
    if (startUptime === startUptime) {
      columns.flowStartMilliseconds[row] = resolveUptime(startUptime, context, systemInit);
    }
    if (endUptime === endUptime) {
      columns.flowEndMilliseconds[row] = resolveUptime(endUptime, context, systemInit);
    }
    if (lists) {
      for (const [i, name] of this.#listNames.entries()) builder.setExtra(name, row, lists[i] ?? []);
    }
    return position;
  }

  /**
   * The fields of the options record at `at`, and where it ends; undefined where it overruns `end`.
   */
  decodeOptions(
    bytes: Uint8Array,
    at: number,
    end: number,
    templates: NestedTemplates,
  ): { readonly fields: OptionsRecord['fields']; readonly next: number } | undefined {
    const values: [string, ElementValue][] = [];
    let position = at;
    for (const field of this.fields) {
      const value = locate(field.length, bytes, position, end);
      if (!value) return undefined;
      if (field.name !== PADDING) {
        values.push([field.name, readField(field, bytes, value.at, value.length, templates)]);
      }
      position = value.at + value.length;
    }
    return { fields: gatherRepeated(values), next: position };
  }
}

function setExtra(
  targets: ExtraTargets,
  index: number,
  name: string,
  builder: FlowBatchBuilder,
  row: number,
  value: ElementValue,
): void {
  const target = (targets[index] ??= builder.extra(name));
  target.rows.push(row);
  target.values.push(value);
}

/** Names that occur more than once. */
function repeatedNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated];
}

function planFields(fields: readonly FieldSpecifier[], repeated: readonly string[]): PlannedField[] {
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
    case 'start':
    case 'end':
    case 'systemInit':
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

/**
 * The address of a record that may have one of each family: what `ipVersion` names, else the later one that is not all
 * zeros (an inner header comes after the outer one), else whichever there is.
 */
function chooseAddress(ipv4: number, ipv6: number, later: number, ipVersion: number): number {
  if (ipv4 === 0 || ipv6 === 0) return ipv4 || ipv6;
  if (ipVersion === 6) return ipv6;
  return ipVersion === 4 ? ipv4 : later || ipv4;
}

function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== 0) return false;
  return true;
}
