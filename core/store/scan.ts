/** Reads flows back: whole segments, those that the bounds and the address filter leave over. */
import { join } from 'node:path';
import { mayHoldAddress } from './address-filter.ts';
import type { Database } from './database.ts';
import { coreColumnNames, type CoreColumnName } from '../model/flow-batch.ts';
import type { SegmentSummary } from '../model/segment-summary.ts';
import type { DayFile } from './day-file.ts';
import type { SegmentInfo } from './segment-info.ts';
import { dayFileName } from './flow-time.ts';
import { decodeAddresses, decodeAddressFilter } from './segment.ts';
import {
  damageOf,
  isBounded,
  mayOverlap,
  openBatch,
  openDayFile,
  overlaps,
  rowsWithin,
  summarize,
  type StoreDamage,
  type StoredBatch,
} from './segment-reader.ts';
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
  /** Only segments of which this is true. Their other rows come too. */
  readonly mayMatch?: ((segment: SegmentSummary) => boolean) | undefined;
  /** Only these columns are read, all where it is absent: no others may be asked of a batch. */
  readonly columns?: readonly CoreColumnName[] | undefined;
  /** Only these further elements are read, all where it is absent: a batch has no others. */
  readonly elements?: readonly string[] | undefined;
  /** Told of each thing that is damaged and left out. */
  readonly onDamage?: ((damage: StoreDamage) => void) | undefined;
}

/**
 * Days in order; within a day segments as they were stored. A batch's rows are in the order of their file. A batch has
 * all that was asked for when it comes: who needs few columns of many flows visits segments instead (segment-reader.ts).
 */
export function* scanStore(folder: string, catalog: Database, options: ScanOptions): Generator<StoredBatch> {
  const { exporters, days } = explained(folder, () => ({
    exporters: new Map(listExporters(catalog).map((exporter) => [exporter.id, exporter])),
    days: catalog.all('SELECT * FROM days ORDER BY day'),
  }));
  for (const row of days) {
    const bounds = { start: row['minStart'] as number | null, end: row['maxEnd'] as number | null };
    if (isBounded(options) && !overlaps(bounds, options)) continue;
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
  const file = openDayFile(path, (damage) => options.onDamage?.(damage));
  if (!file) return;
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

function readSegment(
  file: DayFile,
  info: SegmentInfo,
  exporters: ReadonlyMap<number, StoredExporter>,
  options: ScanOptions,
): StoredBatch | undefined {
  if (!mayOverlap(info, options)) return undefined;
  const columns = file.columns(info);
  if (options.mayMatch?.(summarize(info, columns)) === false) return undefined;
  if (options.addresses) {
    const filter = decodeAddressFilter(columns);
    const perhaps = options.addresses.filter((address) => mayHoldAddress(filter, address));
    if (perhaps.length === 0) return undefined;
    const table = decodeAddresses(columns);
    if (!perhaps.some((address) => table.find(address) !== undefined)) return undefined;
  }
  const batch = openBatch(info, columns, (id) => {
    const exporter = exporters.get(id);
    if (!exporter) throw new DamagedColumn(`the catalogue does not know its exporter ${id}`);
    return exporter;
  });
  const rows = isBounded(options) ? rowsWithin(batch, options) : undefined;
  if (rows?.length === 0) return undefined;
  if (!rows || rows.length === batch.count) return decodeWhole(batch, options);
  const selected = selectRows(batch, Array.from(rows));
  const siteOf = new Map(batch.exporters.map((exporter, i) => [exporter, batch.sites[i] ?? '']));
  return {
    ...selected,
    sites: selected.exporters.map((exporter) => siteOf.get(exporter) ?? ''),
    source: info.source,
  };
}

/** Reads everything that is asked for at once: what is damaged is found while it can still be told. */
function decodeWhole(batch: StoredBatch, { columns, elements }: ScanOptions): StoredBatch {
  for (const name of columns ?? coreColumnNames) void batch.columns[name];
  if (!elements) return { ...batch, extras: new Map(batch.extras) };
  const extras = elements.flatMap((name) => {
    const extra = batch.extras.get(name);
    return extra ? [[name, extra] as const] : [];
  });
  return { ...batch, extras: new Map(extras) };
}
