/** How the import of a file begins: as a new source, where an interrupted one stopped, or anew for another decoder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { countDay, type DayContext } from './day-drops.ts';
import { dayFileName, type DayName } from './flow-time.ts';
import { assignAddress, type SiteConflict } from './sites.ts';
import {
  findSource,
  insertSource,
  readingOf,
  reopenSource,
  resetSource,
  setRows,
  type NewSource,
  type StoredSource,
} from './sources.ts';

/** The source of those bytes: one that is being imported from here on, or one that is complete. */
export function beginSource(context: DayContext, source: NewSource): StoredSource {
  const { catalog, dayFiles, folder } = context;
  const known = findSource(catalog, source.sha256);
  if (!known) {
    insertSource(catalog, source, Date.now());
  } else if (startsAnew(known, source)) {
    // Another version of the decoder may cut other chunks: what it left cannot be continued. Whoever dies in the middle
    // of this leaves a source that is being imported, by another decoder still.
    reopenSource(catalog, known.id);
    for (const day of dayNames(catalog)) {
      const path = join(folder, dayFileName(day));
      if (existsSync(path)) dayFiles.open(path).removeSource(known.id);
    }
    catalog.transaction(() => resetSource(catalog, known.id, source.decoder));
  } else if (known.state === 'importing') {
    recount(context, known.id);
  }
  const begun = findSource(catalog, source.sha256);
  if (!begun) throw new Error(`source ${source.sha256} was not stored`);
  return begun;
}

/** True where what is stored of a source was read in another way than it is to be read now. */
function startsAnew(known: StoredSource, source: NewSource): boolean {
  if (known.state === 'importing') return known.decoder !== source.decoder;
  return readingOf(known.decoder) !== readingOf(source.decoder);
}

/** A site that is named only when the file comes a second time is taken all the same. */
export function placeAgain(
  catalog: Database,
  source: StoredSource,
  site: string | undefined,
): SiteConflict[] {
  if (site === undefined) return [];
  const addresses = catalog.all(
    `SELECT DISTINCT address FROM exporters WHERE address <> '' AND id IN
       (SELECT exporter FROM source_exporters WHERE source = ?)`,
    source.id,
  );
  return catalog.transaction(() =>
    addresses.flatMap((row) => assignAddress(catalog, String(row['address']), site, { force: false }) ?? []),
  );
}

/**
 * Counts what the day files hold of a source, where its process died between storing and counting. Returns the days
 * that have some.
 */
export function recount(context: DayContext, source: number): DayName[] {
  let rows = 0;
  const days = dayNames(context.catalog).filter((day) => {
    const found = countDay(context, day)?.get(source);
    rows += found ?? 0;
    return found !== undefined;
  });
  setRows(context.catalog, source, rows);
  return days;
}

/** The days that the catalogue knows. */
export function dayNames(catalog: Database): DayName[] {
  return catalog.all('SELECT day FROM days').map((row) => String(row['day']));
}
