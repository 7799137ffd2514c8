/** Whether a day file is what was written: every checksum, every column, and every summary against the flows. */
import { coreColumnNames, NO_DATAGRAM, type FlowBatch } from '../model/flow-batch.ts';
import { buildAddressFilter } from './address-filter.ts';
import { SqlError } from './database.ts';
import type { DayFile } from './day-file.ts';
import { flowSpans } from './flow-time.ts';
import { buildPortSet } from './port-set.ts';
import { describeSegment, infoChecksum, type SegmentInfo } from './segment-info.ts';
import { decodeAddressFilter, decodeExporterIds, decodePortSet, decodeSegment } from './segment.ts';
import { DamagedColumn } from './varint.ts';

/** Catalogue ids that a day file may refer to. */
export interface KnownIds {
  readonly sources: ReadonlySet<number>;
  readonly exporters: ReadonlySet<number>;
}

export interface SegmentFault {
  readonly info: SegmentInfo;
  /** `flows`: they cannot be read. `summary`: they are whole, what says where they are is not. */
  readonly of: 'flows' | 'summary';
  readonly what: string;
}

export interface DayVerdict {
  /** Segments without a fault. */
  readonly whole: readonly SegmentInfo[];
  readonly faulty: readonly SegmentFault[];
  /** Faults of the file that belong to no segment. */
  readonly faults: readonly string[];
}

/** Reads everything in the file. */
export function verifyDay(file: DayFile, known: KnownIds): DayVerdict {
  const faults: string[] = [];
  try {
    faults.push(...file.faults());
  } catch (error) {
    faults.push(faultOf(error));
  }
  const whole: SegmentInfo[] = [];
  const faulty: SegmentFault[] = [];
  for (const info of file.segments((what) => faults.push(what))) {
    const fault = verifySegment(file, info, known);
    if (fault) faulty.push({ info, ...fault });
    else whole.push(info);
  }
  return { whole, faulty, faults };
}

function verifySegment(
  file: DayFile,
  info: SegmentInfo,
  known: KnownIds,
): Omit<SegmentFault, 'info'> | undefined {
  try {
    const flows = flowFault(file, info, known);
    if (flows !== undefined) return { of: 'flows', what: flows };
  } catch (error) {
    return { of: 'flows', what: faultOf(error) };
  }
  try {
    const summary = summaryFault(file, info);
    return summary === undefined ? undefined : { of: 'summary', what: summary };
  } catch (error) {
    return { of: 'summary', what: faultOf(error) };
  }
}

function flowFault(file: DayFile, info: SegmentInfo, known: KnownIds): string | undefined {
  const columns = file.columns(info);
  for (const id of decodeExporterIds(columns)) {
    if (!known.exporters.has(id)) return `the catalogue does not know its exporter ${id}`;
  }
  const parts = file.parts(info);
  for (const { source } of parts) {
    if (!known.sources.has(source)) return `the catalogue does not know its source ${source}`;
  }
  if (parts.reduce((sum, { rows }) => sum + rows, 0) !== info.rows) return 'its parts are not all of it';
  const batch = readBatch(file, info);
  for (const extra of batch.extras.values()) {
    if (extra.rows.some((row) => row >= batch.count)) return 'an element belongs to a flow that is not there';
  }
  const codes = [
    ['sourceAddress', batch.addresses.count],
    ['destinationAddress', batch.addresses.count],
    ['exporter', batch.exporters.length],
    ['layout', batch.layouts.length],
    ['datagram', batch.datagrams.length],
  ] as const;
  for (const [name, count] of codes) {
    const past = batch.columns[name].some(
      (code) => code >= count && !(name === 'datagram' && code === NO_DATAGRAM),
    );
    if (past) return `its column ${name} points past its dictionary`;
  }
  return undefined;
}

function readBatch(file: DayFile, info: SegmentInfo): FlowBatch {
  const batch = decodeSegment(file.columns(info), (id) => ({
    address: String(id),
    port: null,
    observationDomainId: 0,
  }));
  for (const name of coreColumnNames) void batch.columns[name];
  return batch;
}

function summaryFault(file: DayFile, info: SegmentInfo): string | undefined {
  const columns = file.columns(info);
  const batch = readBatch(file, info);
  if (!isEqual(decodeAddressFilter(columns), buildAddressFilter(batch.addresses))) {
    return 'its address filter is not that of its addresses';
  }
  const ports = decodePortSet(columns);
  if (ports && !isEqual(ports, buildPortSet(batch.columns))) return 'its port set is not that of its ports';
  const described = describeSegment(info, batch, flowSpans(batch));
  const comparable = info.protocols ? described : { ...described, protocols: null };
  return infoChecksum(comparable) === infoChecksum(info)
    ? undefined
    : 'its bounds are not those of its flows';
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** What a damaged file said; any other fault is a bug and goes on. */
function faultOf(error: unknown): string {
  if (error instanceof DamagedColumn || error instanceof SqlError) return error.message;
  throw error;
}
