/** Where the public addresses of a path are, as lines under the path. */
import { exportedAs } from '../app/geo/flows.ts';
import { placesOf } from '../app/geo/places.ts';
import { readGeoSettings } from '../app/geo/settings.ts';
import { openQueries } from '../app/query/queries.ts';
import { isSiteLocal } from '../model/address.ts';
import type { ExportedAs } from '../model/place.ts';
import type { TraceResult } from '../model/trace-result.ts';
import { creditLines, placeRow, placeTitles } from './place-text.ts';
import { formatTable } from './table.ts';

/** Empty where no address of the path is public, or nothing is known of any. */
export async function pathPlaces(store: string, { paths }: TraceResult): Promise<string[]> {
  const connections = paths[0]?.hops.flatMap((hop) => hop.connections) ?? [];
  const seen = connections.flatMap(({ source, destination }) => [source, destination]);
  const addresses = [...new Set(seen)].filter((address) => !isSiteLocal(address));
  const places = await placesOf(readGeoSettings(store), addresses, undefined);
  if (places.every(({ kind }) => kind === 'unknown')) return [];
  const exported = await askExporters(store, addresses);
  const rows = places.map((place) =>
    placeRow(place, exported.find(({ address }) => address === place.address)?.numbers ?? []),
  );
  return [
    'PUBLIC ADDRESSES OF THE PATH',
    '',
    ...formatTable(placeTitles, rows).trimEnd().split('\n'),
    ...creditLines(places),
    '',
  ];
}

async function askExporters(store: string, addresses: readonly string[]): Promise<ExportedAs[]> {
  const queries = openQueries(store);
  try {
    return await exportedAs(queries, addresses, {}, {});
  } finally {
    await queries.close();
  }
}
