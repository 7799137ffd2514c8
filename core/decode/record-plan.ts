/** A template compiled once into a plan, and its records decoded by the plan. */
import type { OptionsRecord } from '../model/chunk.ts';
import type { ElementValue, FlowBatchBuilder, RecordLayout } from '../model/flow-batch.ts';
import {
  PADDING,
  operations,
  planFields,
  repeatedNames,
  tellsEvents,
  type PlannedField,
} from './field-plan.ts';
import { decodeColumns, isColumnar } from './record-columns.ts';
import type { SamplerTable } from './sampling.ts';
import { gatherRepeated, locate, readField, type NestedTemplates } from './structured.ts';
import { VARIABLE_LENGTH, minimumLength, type FieldSpecifier, type TemplateRecord } from './template.ts';
import { resolveTime, resolveUptime, type Clocks } from './times.ts';
import { UNSAFE_HIGH, exactUnsigned, fitsType, readU16, readU32, readUnsigned, readValue } from './values.ts';

/** What a record needs to know of the datagram that carried it. */
export interface RecordContext extends Clocks {
  /** systemInitTimeMilliseconds of an earlier options record (IPFIX), NaN where unknown. */
  readonly systemInit: number;
  readonly templates: NestedTemplates;
  readonly samplers: SamplerTable;
  readonly extras: ExtraTargets;
}

/** A plan's extra columns in the batch in hand, by field: to find them by name for every value is slow. */
export type ExtraTargets = ReturnType<FlowBatchBuilder['extra']>[];

export class RecordPlan {
  readonly layout: RecordLayout;
  readonly options: boolean;
  /** Its records are events in the life of flows (NSEL, NEL), no flows. */
  readonly events: boolean;
  readonly fields: readonly FieldSpecifier[];
  /** Fewest bytes of a record. */
  readonly minimumLength: number;
  readonly #variable: boolean;
  readonly #planned: readonly PlannedField[];
  readonly #listNames: readonly string[];
  /** Its records can be decoded many at a time, by `decodeFlows`. */
  readonly columnar: boolean;

  constructor(record: TemplateRecord) {
    this.fields = record.fields;
    this.options = record.options;
    this.minimumLength = minimumLength(record.fields);
    this.#variable = record.fields.some((field) => field.length === VARIABLE_LENGTH);
    const names = record.fields.map((field) => field.name).filter((name) => name !== PADDING);
    this.layout = { templateId: record.id, fields: [...new Set(names)] };
    this.events = !record.options && tellsEvents(names);
    this.#listNames = repeatedNames(names);
    this.#planned = planFields(record.fields, this.#listNames);
    this.columnar = !record.options && !this.events && isColumnar(this.#planned);
  }

  /** Decodes `count` whole records of a columnar plan from `at` on into the rows from `first` on, which have been begun. */
  decodeFlows(
    bytes: Uint8Array,
    at: number,
    count: number,
    builder: FlowBatchBuilder,
    first: number,
    context: RecordContext,
  ): void {
    const end = first + count;
    decodeColumns(this.#planned, { bytes, stride: this.minimumLength, first, end }, at, builder, context);
    if (!context.samplers.known) return;
    const interval = context.samplers.interval(-1);
    if (interval === undefined) return;
    for (let row = first; row < end; row++) builder.setExtra(SAMPLING, row, interval);
  }

  /** Where the record at `at` ends, or -1 where it overruns `end`. Only records that were measured may be decoded. */
  measure(bytes: Uint8Array, at: number, end: number): number {
    let position = at + this.minimumLength;
    if (this.#variable) {
      position = at;
      for (const field of this.fields) {
        const value = locate(field.length, bytes, position, end);
        if (!value) return -1;
        position = value.at + value.length;
      }
    }
    return position <= end ? position : -1;
  }

  /** Decodes the flow record at `at`, which has been measured, into row `row`. */
  decodeFlow(
    bytes: Uint8Array,
    at: number,
    builder: FlowBatchBuilder,
    row: number,
    context: RecordContext,
  ): void {
    const columns = builder.columns;
    const lists: ElementValue[][] | undefined =
      this.#listNames.length > 0 ? this.#listNames.map(() => []) : undefined;
    let startUptime = Number.NaN;
    let endUptime = Number.NaN;
    let systemInit = context.systemInit;
    let ipVersion = 0;
    let sampler = -1;
    let eventTime = Number.NaN;
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
        length = bytes[position++] ?? 0;
        if (length === 255) {
          length = readU16(bytes, position);
          position += 2;
        }
        if (!fitsType(field.type, length)) operation = operations.none;
      }
      const value = position;
      position += length;
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
        case operations.sampler:
          sampler = readUnsigned(bytes, value, length);
          break;
        case operations.eventTime:
          eventTime = readUnsigned(bytes, value, length);
          break;
      }
      if (field.extra || operation === operations.none) {
        if (field.skipped) continue;
        const { alias } = field;
        if (alias) builder.setExtra(alias.name, row, readValue(alias.type, bytes, value, length));
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
    if (this.events) markEvent(builder, row, eventTime);
    if (context.samplers.known) {
      const interval = context.samplers.interval(sampler);
      if (interval !== undefined) builder.setExtra(SAMPLING, row, interval);
    }
    if (lists) {
      for (const [i, name] of this.#listNames.entries()) builder.setExtra(name, row, lists[i] ?? []);
    }
  }

  /** The fields of the options record at `at`, which has been measured. */
  decodeOptions(
    bytes: Uint8Array,
    at: number,
    end: number,
    templates: NestedTemplates,
  ): OptionsRecord['fields'] {
    const values: [string, ElementValue][] = [];
    let position = at;
    for (const field of this.fields) {
      const value = locate(field.length, bytes, position, end);
      if (!value) break;
      if (field.name !== PADDING) {
        values.push([field.name, readField(field, bytes, value.at, value.length, templates)]);
      }
      position = value.at + value.length;
    }
    return gatherRepeated(values);
  }
}

/** The extra that says of how many packets a flow's sampler took one, as an options record told. */
const SAMPLING = '_samplingInterval';

/** An event is of the moment that it states, or of a span that ends there. */
function markEvent(builder: FlowBatchBuilder, row: number, time: number): void {
  const { flowStartMilliseconds, flowEndMilliseconds } = builder.columns;
  builder.setExtra('_kind', row, 'event');
  const end = flowEndMilliseconds[row] ?? Number.NaN;
  if (Number.isNaN(end)) flowEndMilliseconds[row] = time;
  const start = flowStartMilliseconds[row] ?? Number.NaN;
  if (Number.isNaN(start)) flowStartMilliseconds[row] = flowEndMilliseconds[row] ?? Number.NaN;
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
