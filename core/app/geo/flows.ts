/** What the flows themselves have to do with places: sums by country, and the AS numbers that exporters sent. */
import { formatAddress, parseAddress } from '../../model/address.ts';
import { ApiError } from '../../model/api-error.ts';
import type { CountriesAnswer, CountrySide, ExportedAs, PlaceSource } from '../../model/place.ts';
import type { FlowSelection } from '../../model/query.ts';
import { geoTables, placeBook } from './book.ts';
import { readDatabases } from './files.ts';
import { readGeoSettings } from './settings.ts';
import type { Queries, Running } from '../query/queries.ts';

/** Partial answers are not told. */
export type Watched = Pick<Running<never>, 'signal' | 'onProgress'>;

/** An exporter that tells more AS numbers of one address is wrong about most of them. */
const MAX_SYSTEMS = 16;

/** Flows by country, most flows first. Rejects as questions do, and with `usage` where no database is installed. */
export async function countriesOf(
  queries: Queries,
  folder: string,
  question: FlowSelection & { readonly side: CountrySide },
  running: Watched,
): Promise<CountriesAnswer> {
  const { rows, ...answer } = await queries.run('countries', question, running);
  const { countries } = geoTables();
  const none = rows.find(({ country }) => country === '');
  return {
    ...answer,
    countries: rows
      .filter(({ country }) => country !== '')
      .map((row) => ({
        ...row,
        countryName: countries.get(row.country)?.name ?? row.country,
        countryNumber: countries.get(row.country)?.number ?? '',
      })),
    elsewhere: {
      flows: none?.flows ?? 0,
      packets: none?.packets ?? 0,
      bytes: none?.bytes ?? 0,
      addresses: none?.addresses ?? 0,
    },
    sources: await countrySources(folder),
  };
}

async function countrySources(folder: string): Promise<PlaceSource[]> {
  const book = placeBook(await readDatabases(readGeoSettings(folder).databases));
  return book.databases
    .filter(({ kind }) => kind !== 'asn')
    .map(({ name, date, licence, credit, url }) => ({ name, date, licence, credit, url }));
}

/** The AS numbers in the flows of addresses. Rejects as questions do, and with `usage` for what is no address. */
export async function exportedAs(
  queries: Queries,
  addresses: readonly string[],
  range: Pick<FlowSelection, 'from' | 'to'>,
  running: Watched,
): Promise<ExportedAs[]> {
  const found: ExportedAs[] = [];
  for (const text of addresses) {
    const bytes = parseAddress(text);
    if (!bytes) throw new ApiError('usage', `"${text}" is no address: write 46.4.20.11 or 2a01:4f8::1.`);
    const address = formatAddress(bytes);
    const flows = new Map<number, number>();
    for (const [side, field] of [
      ['src', 'srcas'],
      ['dst', 'dstas'],
    ] as const) {
      const question = { ...range, filter: `${side} ip ${address}`, fields: [field], by: 'flows' } as const;
      const { rows } = await queries.top({ ...question, limit: MAX_SYSTEMS, times: false }, running);
      for (const { key, flows: count } of rows) {
        const asn = Number(key[0]);
        if (asn > 0) flows.set(asn, (flows.get(asn) ?? 0) + count);
      }
    }
    const numbers = [...flows].map(([asn, count]) => ({ asn, flows: count }));
    found.push({ address, numbers: numbers.sort((a, b) => b.flows - a.flows) });
  }
  return found;
}
