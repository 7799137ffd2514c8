/** What a monthly report asks of a store: every figure of it is an answer of the queries, or the catalogue's. */
import { resolve } from 'node:path';
import type { AnswerNotes, FlowSelection, TopAnswer } from '../../model/query.ts';
import type { Place } from '../../model/place.ts';
import { epochMs } from '../../model/time.ts';
import type { MonthSums } from '../../query/report-kernel.ts';
import type { KeyCounts } from '../../query/report-keys.ts';
import type { StoredSource } from '../../store/sources.ts';
import { readDatabases } from '../geo/files.ts';
import { placesOf } from '../geo/places.ts';
import { readGeoSettings } from '../geo/settings.ts';
import type { Queries } from '../query/queries.ts';
import { databaseNotes } from '../query/places.ts';
import { casesOfMonth, type MonthCases } from './month-cases.ts';
import { withoutFolders } from './words.ts';
import { exportersOfMonth, sourcesOfRange, type MonthExporters } from './exporters.ts';

export interface MonthRange {
  readonly from: number;
  readonly to: number;
}

export interface MonthQuestion {
  readonly folder: string;
  readonly month: MonthRange;
  readonly before: MonthRange;
  /** Only what the exporters of this site saw. */
  readonly site: string | undefined;
}

/** A host in two months; bytes of both directions. */
export interface HostChange {
  readonly address: string;
  readonly now: number;
  readonly before: number;
}

export interface MonthData {
  /** `notes` without those on the databases of places. */
  readonly sums: MonthSums & AnswerNotes;
  /** The largest hosts of the month before. */
  readonly earlier: TopAnswer;
  readonly changes: readonly HostChange[];
  readonly exporters: MonthExporters;
  readonly sources: readonly StoredSource[];
  readonly cases: MonthCases;
  /** By the keys of the rows, as far as they are addresses. */
  readonly places: ReadonlyMap<string, Place>;
  /** What the countries rest on, or why there are none, a sentence each. */
  readonly placeNotes: readonly string[];
}

export interface Watching {
  readonly signal?: AbortSignal | undefined;
  /** Parts of the work done, of all. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/** Hosts of each month that are compared. */
const COMPARED = 100;
/** Hosts whose bytes are asked for beside them: most of the compared ones are among those of the other month. */
const KNOWN = 10_000;
/** Rows of the other tables. */
export const LISTED = 100;
/** How the progress is divided: the month, the month before, the rest. */
const PROGRESS = { month: 600, before: 300, of: 1000 } as const;

export async function readMonth(
  queries: Queries,
  { folder, month, before, site }: MonthQuestion,
  { signal, onProgress }: Watching,
): Promise<MonthData> {
  const filter = siteFilter(site);
  const within = (range: MonthRange) => ({ from: epochMs(range.from), to: epochMs(range.to), filter });
  const watched = (begin: number, length: number) => ({
    signal,
    onProgress: ({ segmentsDone, segments }: { readonly segmentsDone: number; readonly segments: number }) =>
      onProgress?.(begin + Math.floor((length * segmentsDone) / segments), PROGRESS.of),
  });
  const now = within(month);
  const asked = await queries.run(
    'month',
    { ...now, hosts: KNOWN, listed: LISTED },
    watched(0, PROGRESS.month),
  );
  const askedBefore = await queries.top(
    { ...within(before), fields: ['ip'], by: 'bytes', limit: KNOWN, times: false },
    watched(PROGRESS.month, PROGRESS.before),
  );
  const { databases } = readGeoSettings(folder);
  const read = await readDatabases(databases);
  const credits = databaseNotes(read.databases.length === 0 ? undefined : read);
  const shown = (sentences: readonly string[]): string[] =>
    withoutFolders(sentences, [...databases, resolve(folder), folder]);
  const sums = {
    ...asked,
    damages: shown(asked.damages),
    notes: asked.notes.filter((note) => !credits.includes(note)),
  };
  const earlier = { ...askedBefore, damages: shown(askedBefore.damages) };
  const changes = await findChanges(queries, { now, before: within(before), site }, [sums, earlier], signal);
  const exporters = exportersOfMonth(folder, { ...now, site }, sums);
  onProgress?.(PROGRESS.of, PROGRESS.of);
  const cases = casesOfMonth(folder, month);
  const listed = [sums.hostsByBytes, sums.hostsByFlows, sums.unanswered].flatMap((rows) =>
    rows.slice(0, LISTED).map(({ key }) => key),
  );
  const named = [...changes, ...cases.hosts].map(({ address }) => address);
  return {
    sums,
    earlier,
    changes,
    exporters,
    sources: sourcesOfRange(folder, month),
    cases,
    places: await placeNames(folder, [...listed, ...named], site),
    placeNotes: shown(credits.length > 0 ? credits : read.problems),
  };
}

/** In the filter language; undefined for every site. */
const siteFilter = (site: string | undefined): string | undefined =>
  site === undefined ? undefined : `site "${site.replaceAll(/["\\]/g, '')}"`;

interface Compared {
  readonly now: FlowSelection;
  readonly before: FlowSelection;
  readonly site: string | undefined;
}

/**
 * The largest hosts of either month in both. A host that is not among the largest of a month is asked for by its
 * address: what is said to be new was not there at all.
 */
async function findChanges(
  queries: Queries,
  { now, before, site }: Compared,
  [sums, earlier]: readonly [MonthSums, TopAnswer],
  signal: AbortSignal | undefined,
): Promise<HostChange[]> {
  const these = sums.hostsByBytes;
  const those = earlier.rows.map(({ key, ...counts }): KeyCounts => ({ key: key[0] ?? '', ...counts }));
  const compared = [...these.slice(0, COMPARED), ...those.slice(0, COMPARED)].map(({ key }) => key);
  const addresses = [...new Set(compared)];
  const values = async (
    rows: readonly KeyCounts[],
    distinct: number,
    selection: FlowSelection,
  ): Promise<Map<string, number>> => {
    const found = new Map(rows.map(({ key, bytes }) => [key, bytes]));
    const missing = addresses.filter((address) => !found.has(address));
    if (missing.length === 0 || distinct <= rows.length) return found;
    for (const [address, bytes] of await askHosts(queries, missing, selection, site, signal)) {
      found.set(address, bytes);
    }
    return found;
  };
  const bytesNow = await values(these, sums.hosts, now);
  const bytesBefore = await values(those, earlier.distinct, before);
  return addresses.map((address) => ({
    address,
    now: bytesNow.get(address) ?? 0,
    before: bytesBefore.get(address) ?? 0,
  }));
}

/** Bytes from and to these hosts; an address may bear its site behind an `@`. */
async function askHosts(
  queries: Queries,
  addresses: readonly string[],
  selection: FlowSelection,
  site: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  const plain = [...new Set(addresses.map((address) => address.split('@', 1)[0] ?? ''))];
  const own = siteFilter(site);
  for (const side of ['src', 'dst'] as const) {
    const hosts = `${side} ip in [${plain.join(' ')}]`;
    const filter = own === undefined ? hosts : `${own} and ${hosts}`;
    const question = {
      ...selection,
      filter,
      fields: [`${side}ip`],
      by: 'bytes',
      limit: 10_000,
      times: false,
    } as const;
    for (const row of (await queries.top(question, { signal })).rows) {
      const [key = ''] = row.key;
      bytes.set(key, (bytes.get(key) ?? 0) + row.bytes);
    }
  }
  return bytes;
}

async function placeNames(
  folder: string,
  addresses: readonly string[],
  site: string | undefined,
): Promise<Map<string, Place>> {
  const distinct = [...new Set(addresses)];
  const places = await placesOf(readGeoSettings(folder), distinct, site);
  return new Map(places.map((place, i) => [distinct[i] ?? '', place]));
}
