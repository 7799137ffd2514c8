/** What a monthly report asks of a store: every figure of it is an answer of the queries, or the catalogue's. */
import { ApiError } from '../model/api-error.ts';
import type { CountriesAnswer, Place } from '../model/place.ts';
import type {
  DistributionAnswer,
  FlowSelection,
  SeriesAnswer,
  TopAnswer,
  TopQuestion,
  TopRow,
} from '../model/query.ts';
import { epochMs } from '../model/time.ts';
import type { StoredSource } from '../store/sources.ts';
import { countriesOf } from './geo-flows.ts';
import { placesOf } from './geo-places.ts';
import { readGeoSettings } from './geo-settings.ts';
import type { Queries } from './queries.ts';
import { exportersOfMonth, sourcesOfRange, type MonthExporters } from './report-exporters.ts';

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
  readonly bytesByDay: SeriesAnswer;
  readonly packetsByDay: SeriesAnswer;
  readonly flowsByDay: SeriesAnswer;
  readonly distribution: DistributionAnswer;
  readonly byBytes: TopAnswer;
  readonly byFlows: TopAnswer;
  readonly systems: TopAnswer;
  /** Why there are none, as a sentence, where no database is installed. */
  readonly countries: CountriesAnswer | string;
  readonly unanswered: TopAnswer;
  /** The largest hosts of the month before. */
  readonly earlier: TopAnswer;
  readonly changes: readonly HostChange[];
  readonly exporters: MonthExporters;
  readonly sources: readonly StoredSource[];
  /** By the keys of the rows, as far as they are addresses. */
  readonly places: ReadonlyMap<string, Place>;
}

export interface Watching {
  readonly signal?: AbortSignal | undefined;
  /** Questions answered, of all. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

const DAY_MS = 86_400_000;
/** Hosts of each month that are compared. */
const COMPARED = 100;
const QUESTIONS = 12;
/** TCP flows of a client that nobody answered: an opening and nothing else. */
const UNANSWERED = 'proto tcp and flags S and not flags AFRPU';

export async function readMonth(
  queries: Queries,
  { folder, month, before, site }: MonthQuestion,
  { signal, onProgress }: Watching,
): Promise<MonthData> {
  let done = 0;
  const running = { signal };
  const step = async <T>(asked: Promise<T>): Promise<T> => {
    const answer = await asked;
    onProgress?.(++done, QUESTIONS);
    return answer;
  };
  const filter = siteFilter(site);
  const within = (range: MonthRange): FlowSelection => ({
    from: epochMs(range.from),
    to: epochMs(range.to),
    filter,
  });
  const now = within(month);
  const top = (question: Omit<TopQuestion, 'times'>): Promise<TopAnswer> =>
    step(queries.top({ ...question, times: false }, running));
  const days = { ...now, bucketMs: DAY_MS };
  const distribution = await step(queries.run('distribution', now, running));
  const bytesByDay = await step(
    queries.series({ ...days, by: 'bytes', split: 'proto', splitLimit: 5 }, running),
  );
  const packetsByDay = await step(queries.series({ ...days, by: 'packets' }, running));
  const flowsByDay = await step(queries.series({ ...days, by: 'flows' }, running));
  const byBytes = await top({ ...now, fields: ['ip'], by: 'bytes', limit: COMPARED });
  const byFlows = await top({ ...now, fields: ['ip'], by: 'flows', limit: 20 });
  const systems = await top({ ...now, fields: ['as'], by: 'bytes', limit: 21 });
  const countries = await step(askCountries(queries, folder, now, signal));
  const unanswered = await top({
    ...now,
    filter: filter === undefined ? UNANSWERED : `${filter} and ${UNANSWERED}`,
    fields: ['srcip'],
    by: 'flows',
    limit: 10,
  });
  const earlier = await top({ ...within(before), fields: ['ip'], by: 'bytes', limit: COMPARED });
  const changes = await step(
    findChanges(queries, { now, before: within(before), site }, [byBytes, earlier], signal),
  );
  const exporters = await step(
    exportersOfMonth(queries, folder, { ...now, site, flows: distribution.total.flows }, signal),
  );
  const addresses = [byBytes, byFlows, unanswered].flatMap(({ rows }) => rows.slice(0, 20).map(keyOf));
  return {
    distribution,
    bytesByDay,
    packetsByDay,
    flowsByDay,
    byBytes,
    byFlows,
    systems,
    countries,
    unanswered,
    earlier,
    changes,
    exporters,
    sources: sourcesOfRange(folder, month),
    places: await placeNames(folder, [...addresses, ...changes.map(({ address }) => address)], site),
  };
}

/** In the filter language; undefined for every site. */
const siteFilter = (site: string | undefined): string | undefined =>
  site === undefined ? undefined : `site "${site.replaceAll(/["\\]/g, '')}"`;

const keyOf = ({ key }: TopRow): string => key[0] ?? '';

async function askCountries(
  queries: Queries,
  folder: string,
  selection: FlowSelection,
  signal: AbortSignal | undefined,
): Promise<CountriesAnswer | string> {
  try {
    return await countriesOf(queries, folder, { ...selection, side: 'any' }, { signal });
  } catch (error) {
    // No database of places is installed; whatever else is wrong has been said by the questions before this one.
    if (error instanceof ApiError && error.code === 'usage') return error.message;
    throw error;
  }
}

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
  [answer, earlier]: readonly [TopAnswer, TopAnswer],
  signal: AbortSignal | undefined,
): Promise<HostChange[]> {
  const addresses = [...new Set([...answer.rows, ...earlier.rows].map(keyOf))];
  const values = async (known: TopAnswer, selection: FlowSelection): Promise<Map<string, number>> => {
    const found = new Map(known.rows.map((row) => [keyOf(row), row.bytes]));
    const missing = addresses.filter((address) => !found.has(address));
    if (missing.length === 0 || known.distinct <= known.rows.length) return found;
    for (const [address, bytes] of await askHosts(queries, missing, selection, site, signal)) {
      found.set(address, bytes);
    }
    return found;
  };
  const [these, those] = [await values(answer, now), await values(earlier, before)];
  return addresses.map((address) => ({
    address,
    now: these.get(address) ?? 0,
    before: those.get(address) ?? 0,
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
      bytes.set(keyOf(row), (bytes.get(keyOf(row)) ?? 0) + row.bytes);
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
