/** Reads flows back: whole segments, those that the bounds and the address filter leave over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../model/api-error.ts';
import type { SitedBatch } from '../model/flow-batch.ts';
import { mayHoldAddress } from './address-filter.ts';
import { SqlError, type Database } from './database.ts';
import { DayFile, type SegmentInfo } from './day-file.ts';
import { dayFileName, flowSpans } from './flow-time.ts';
import { decodeAddresses, decodeAddressFilter, decodeSegment } from './segment.ts';
import { selectRows } from './select-rows.ts';
import { listExporters, type StoredExporter } from './sites.ts';
import { explained } from './store-error.ts';
import { DamagedColumn } from './varint.ts';

export interface ScanOptions {
  /** Only flows that were there at or after this time, epoch ms. */
  readonly from?: number | undefined;
  /** Only flows that began before this time, epoch ms. */
  readonly to?: number | undefined;
  /** Only segments that hold a flow from or to one of these addresses (4 or 16 bytes each). Their other rows come too. */
  readonly addresses?: readonly Uint8Array[] | undefined;
  /** Told of each thing that is damaged and left out. */
  readonly onDamage?: ((damage: StoreDamage) => void) | undefined;
}

/** Something that the store holds and cannot give any more. */
export interface StoreDamage {
  /** Path of the day file. */
  readonly file: string;
  /** Flows that are lost with it; null where nobody knows. */
  readonly rows: number | null;
  /** What is damaged, for the person. */
  readonly message: string;
}

/** A stored segment, or the rows of it that were asked for. */
export interface StoredBatch extends SitedBatch {
  /** Catalogue id of the file that it was imported from. */
  readonly source: number;
}

/** Days in order; within a day segments as they were stored. A batch's rows are in the order of their file. */
export function* scanStore(folder: string, catalog: Database, options: ScanOptions): Generator<StoredBatch> {
  const { exporters, days } = explained(folder, () => ({
    exporters: new Map(listExporters(catalog).map((exporter) => [exporter.id, exporter])),
    days: catalog.all('SELECT * FROM days ORDER BY day'),
  }));
  const ranged = options.from !== undefined || options.to !== undefined;
  for (const row of days) {
    const bounds = { start: row['minStart'] as number | null, end: row['maxEnd'] as number | null };
    if (ranged && !overlaps(bounds, options)) continue;
    yield* scanDay(join(folder, dayFileName(String(row['day']))), exporters, options);
  }
}

function* scanDay(
  path: string,
  exporters: ReadonlyMap<number, StoredExporter>,
  options: ScanOptions,
): Generator<StoredBatch> {
  const tell = (message: string, rows: number | null): void =>
    options.onDamage?.({ file: path, rows, message });
  if (!existsSync(path)) return tell(`The day file ${path} is missing: its flows are left out.`, null);
  let file: DayFile;
  try {
    file = new DayFile(path);
  } catch (error) {
    if (error instanceof ApiError) return tell(error.message, null);
    return tell(`The day file ${path} is damaged: its flows are left out (${damageOf(error)}).`, null);
  }
  using open = file;
  // A collector may put small segments together meanwhile.
  open.holdStill();
  for (const info of open.segments((what) =>
    tell(`In the day file ${path} ${what}: its flows are left out.`, null),
  )) {
    let batch: StoredBatch | undefined;
    try {
      batch = readSegment(open, info, exporters, options);
    } catch (error) {
      const what = damageOf(error);
      tell(
        `In the day file ${path} segment ${info.id} with ${info.rows} flows is damaged and left out: ${what}.`,
        info.rows,
      );
    }
    if (batch) yield batch;
  }
}

/** What a damaged file said; any other fault is a bug and goes on. */
function damageOf(error: unknown): string {
  if (error instanceof DamagedColumn || error instanceof SqlError) return error.message;
  throw error;
}

function readSegment(
  file: DayFile,
  info: SegmentInfo,
  exporters: ReadonlyMap<number, StoredExporter>,
  options: ScanOptions,
): StoredBatch | undefined {
  const ranged = options.from !== undefined || options.to !== undefined;
  if (ranged && !overlaps({ start: info.minStart, end: info.maxEnd }, options)) return undefined;
  const columns = file.columns(info);
  if (options.addresses) {
    const filter = decodeAddressFilter(columns);
    const perhaps = options.addresses.filter((address) => mayHoldAddress(filter, address));
    if (perhaps.length === 0) return undefined;
    const table = decodeAddresses(columns);
    if (!perhaps.some((address) => table.find(address) !== undefined)) return undefined;
  }
  const sites: string[] = [];
  const batch = decodeSegment(columns, (id) => {
    const exporter = exporters.get(id);
    if (!exporter) throw new DamagedColumn(`the catalogue does not know its exporter ${id}`);
    sites.push(exporter.site);
    const { address, port, observationDomainId } = exporter;
    return { address, port, observationDomainId };
  });
  const whole = { ...batch, sites, source: info.source };
  if (!ranged) return whole;
  const spans = flowSpans(batch);
  const rows: number[] = [];
  for (let row = 0; row < batch.count; row++) {
    if (overlaps({ start: spans.starts[row] ?? null, end: spans.ends[row] ?? null }, options)) rows.push(row);
  }
  if (rows.length === batch.count) return whole;
  if (rows.length === 0) return undefined;
  const selected = selectRows(batch, rows);
  const siteOf = new Map(batch.exporters.map((exporter, i) => [exporter, sites[i] ?? '']));
  return {
    ...selected,
    sites: selected.exporters.map((exporter) => siteOf.get(exporter) ?? ''),
    source: info.source,
  };
}

/** Whether something from `start` to `end` was there in the half-open range; false where nothing says when. */
function overlaps(span: { start: number | null; end: number | null }, range: ScanOptions): boolean {
  if (span.start === null || span.end === null || Number.isNaN(span.start)) return false;
  // An exporter that swaps first and last makes flows that end before they begin: both ends count.
  const first = Math.min(span.start, span.end);
  const last = Math.max(span.start, span.end);
  return (range.to === undefined || first < range.to) && (range.from === undefined || last >= range.from);
}
