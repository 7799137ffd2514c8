/**
 * Records of fixed length, decoded field by field: all values of one element, then all of the next. What is to be done is
 * found out once a field instead of once a value, which makes the common templates several times as fast. Plans that need
 * to see a record as a whole (variable lengths, repeated elements, two address families, events, samplers) are left to
 * RecordPlan.decodeFlow, which says the same of every record.
 */
import type { FlowBatchBuilder } from '../model/flow-batch.ts';
import { operations, type PlannedField } from './field-plan.ts';
import type { ExtraTargets, RecordContext } from './record-plan.ts';
import { readField } from './structured.ts';
import { VARIABLE_LENGTH } from './template.ts';
import { resolveTime, resolveUptime } from './times.ts';
import { UNSAFE_HIGH, exactUnsigned, fitsType, readU16, readU32, readUnsigned } from './values.ts';

type NumberColumn = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The rows of one set: where their bytes are and where they go. */
interface Rows {
  readonly bytes: Uint8Array;
  /** Length of a record. */
  readonly stride: number;
  readonly first: number;
  readonly end: number;
}

const wholeRecordOperations: ReadonlySet<number> = new Set([
  operations.systemInit,
  operations.sampler,
  operations.eventTime,
]);

const unsignedTypes: ReadonlySet<string> = new Set([
  'unsigned8',
  'unsigned16',
  'unsigned32',
  'unsigned64',
  'dateTimeSeconds',
]);

/** Whether records of these fields can be decoded field by field. */
export function isColumnar(fields: readonly PlannedField[]): boolean {
  const used = new Set(fields.map((field) => field.operation));
  const { sourceIPv4Address, sourceIPv6Address, destinationIPv4Address, destinationIPv6Address } = operations;
  return (
    !(used.has(sourceIPv4Address) && used.has(sourceIPv6Address)) &&
    !(used.has(destinationIPv4Address) && used.has(destinationIPv6Address)) &&
    fields.every(
      (field) =>
        field.length !== VARIABLE_LENGTH &&
        field.list < 0 &&
        !field.alias &&
        !wholeRecordOperations.has(field.operation),
    )
  );
}

/** Decodes the records that begin at `at` and fill `rows`, which have been begun. */
export function decodeColumns(
  fields: readonly PlannedField[],
  rows: Rows,
  at: number,
  builder: FlowBatchBuilder,
  context: RecordContext,
): void {
  let position = at;
  for (const [index, field] of fields.entries()) {
    decodeCore(field, rows, position, builder, context);
    if (field.extra || field.operation === operations.none) {
      if (!field.skipped) decodeExtra(field, index, rows, position, builder, context);
    } else if (field.length === 8) {
      keepUnsafe(field, index, rows, position, builder, context.extras);
    }
    position += field.length;
  }
}

function decodeCore(
  field: PlannedField,
  rows: Rows,
  at: number,
  builder: FlowBatchBuilder,
  context: RecordContext,
): void {
  const { columns, addresses } = builder;
  const { bytes, stride, first, end } = rows;
  const fill = (column: NumberColumn): void => fillUnsigned(column, field.length, rows, at);
  switch (field.operation) {
    case operations.sourceIPv4Address:
      for (let row = first, p = at; row < end; row++, p += stride)
        columns.sourceAddress[row] = addresses.internIPv4(bytes, p);
      break;
    case operations.destinationIPv4Address:
      for (let row = first, p = at; row < end; row++, p += stride)
        columns.destinationAddress[row] = addresses.internIPv4(bytes, p);
      break;
    case operations.sourceIPv6Address:
      for (let row = first, p = at; row < end; row++, p += stride)
        columns.sourceAddress[row] = addresses.internIPv6(bytes, p);
      break;
    case operations.destinationIPv6Address:
      for (let row = first, p = at; row < end; row++, p += stride)
        columns.destinationAddress[row] = addresses.internIPv6(bytes, p);
      break;
    case operations.sourceTransportPort:
      fill(columns.sourceTransportPort);
      break;
    case operations.destinationTransportPort:
      fill(columns.destinationTransportPort);
      break;
    case operations.protocolIdentifier:
      fill(columns.protocolIdentifier);
      break;
    case operations.tcpControlBits:
      fill(columns.tcpControlBits);
      break;
    case operations.ipClassOfService:
      fill(columns.ipClassOfService);
      break;
    case operations.octetDeltaCount:
    case operations.octetTotalCount:
      fill(columns.octetDeltaCount);
      break;
    case operations.packetDeltaCount:
    case operations.packetTotalCount:
      fill(columns.packetDeltaCount);
      break;
    case operations.ingressInterface:
      fill(columns.ingressInterface);
      break;
    case operations.egressInterface:
      fill(columns.egressInterface);
      break;
    case operations.bgpSourceAsNumber:
      fill(columns.bgpSourceAsNumber);
      break;
    case operations.bgpDestinationAsNumber:
      fill(columns.bgpDestinationAsNumber);
      break;
    case operations.start:
      fillTimes(columns.flowStartMilliseconds, field, rows, at, context);
      break;
    case operations.end:
      fillTimes(columns.flowEndMilliseconds, field, rows, at, context);
      break;
  }
}

function fillUnsigned(column: NumberColumn, length: number, rows: Rows, at: number): void {
  const { bytes, stride, first, end } = rows;
  if (length === 1) for (let row = first, p = at; row < end; row++, p += stride) column[row] = bytes[p] ?? 0;
  else if (length === 2)
    for (let row = first, p = at; row < end; row++, p += stride) column[row] = readU16(bytes, p);
  else if (length === 4)
    for (let row = first, p = at; row < end; row++, p += stride) column[row] = readU32(bytes, p);
  else
    for (let row = first, p = at; row < end; row++, p += stride) column[row] = readUnsigned(bytes, p, length);
}

function fillTimes(
  column: Float64Array,
  field: PlannedField,
  rows: Rows,
  at: number,
  context: RecordContext,
): void {
  const { bytes, stride, first, end } = rows;
  const { length, time } = field;
  if (time === 'uptime') {
    for (let row = first, p = at; row < end; row++, p += stride)
      column[row] = resolveUptime(readUnsigned(bytes, p, length), context, context.systemInit);
  } else {
    for (let row = first, p = at; row < end; row++, p += stride)
      column[row] = resolveTime(time, bytes, p, length, context);
  }
}

function decodeExtra(
  field: PlannedField,
  index: number,
  rows: Rows,
  at: number,
  builder: FlowBatchBuilder,
  context: RecordContext,
): void {
  const { bytes, stride, first, end } = rows;
  const { length, type } = field;
  const target = targetOf(context.extras, index, field.name, builder);
  for (let row = first; row < end; row++) target.rows.push(row);
  if (length > 0 && length <= 4 && unsignedTypes.has(type) && fitsType(type, length)) {
    for (let row = first, p = at; row < end; row++, p += stride)
      target.values.push(readUnsigned(bytes, p, length));
  } else {
    for (let row = first, p = at; row < end; row++, p += stride)
      target.values.push(readField(field, bytes, p, length, context.templates));
  }
}

/** Counters that a double cannot hold are kept exactly beside the column. */
function keepUnsafe(
  field: PlannedField,
  index: number,
  rows: Rows,
  at: number,
  builder: FlowBatchBuilder,
  extras: ExtraTargets,
): void {
  const { bytes, stride, first, end } = rows;
  for (let row = first, p = at; row < end; row++, p += stride) {
    if (readU32(bytes, p) < UNSAFE_HIGH) continue;
    const target = targetOf(extras, index, field.name, builder);
    target.rows.push(row);
    target.values.push(exactUnsigned(bytes, p, 8));
  }
}

function targetOf(
  targets: ExtraTargets,
  index: number,
  name: string,
  builder: FlowBatchBuilder,
): ExtraTargets[number] {
  return (targets[index] ??= builder.extra(name));
}
