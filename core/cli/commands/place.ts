/** `backtrail place`: where addresses are, and what that rests on. */
import { InvalidArgumentError, type Command } from 'commander';
import { exportedAs } from '../../app/geo/flows.ts';
import { geoInfo, placesOf } from '../../app/geo/places.ts';
import { readGeoSettings, writeGeoSettings, type GeoSettings } from '../../app/geo/settings.ts';
import { openQueries } from '../../app/query/queries.ts';
import { ApiError } from '../../model/api-error.ts';
import type { ExportedAs, GeoInfo, Place, SitePlace } from '../../model/place.ts';
import { interruptible, unlessAborted } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { formatOption, type OutputFormat } from '../options.ts';
import { creditLines, placeRow, placeTitles } from '../place-text.ts';
import { formatTable } from '../table.ts';

interface PlaceOptions {
  readonly store?: string;
  readonly site?: string;
  readonly geoDb: readonly string[];
  readonly putSite?: { readonly name: string; readonly place: SitePlace };
  readonly format: OutputFormat;
}

export function registerPlace(program: Command, io: CliIo): void {
  program
    .command('place')
    .description('where addresses are; without an address: the databases in use, with dates and credits')
    .argument('[address...]', 'IPv4 or IPv6; a local one may be followed by @SITE')
    .option(
      '--store <dir>',
      "the store whose sites and databases count, and whose exporters' AS numbers are shown",
    )
    .option('--site <name>', 'the site that local addresses stand at')
    .option(
      '--geo-db <file>',
      'an MMDB file of your own, asked first; may be given several times',
      collect,
      [],
    )
    .option('--put-site <name=lat,lon[,label]>', 'put a site of the store on the map', parseSite)
    .addOption(formatOption('table', 'json', 'jsonl'))
    .action((addresses: string[], options: PlaceOptions) => place(addresses, options, io));
}

const collect = (path: string, before: readonly string[]): string[] => [...before, path];

function parseSite(text: string): PlaceOptions['putSite'] {
  const [, name = '', lat = '', lon = '', label] =
    /^(.{1,200})=(-?\d+(?:\.\d+)?),\s*(-?\d+(?:\.\d+)?)(?:,\s*(.{1,200}))?$/.exec(text) ?? [];
  const place = { latitude: Number(lat), longitude: Number(lon) };
  if (name === '' || Math.abs(place.latitude) > 90 || Math.abs(place.longitude) > 180) {
    throw new InvalidArgumentError(
      'Write a site such as Berlin=52.52,13.40 or "Berlin=52.52,13.40,Head office".',
    );
  }
  return { name, place: label === undefined ? place : { ...place, label } };
}

async function place(addresses: readonly string[], options: PlaceOptions, io: CliIo): Promise<void> {
  const { store, putSite, geoDb, format } = options;
  if (putSite) {
    if (store === undefined)
      throw new ApiError('usage', 'A site is put on the map of a store: name it with --store.');
    const { name, place: at } = putSite;
    const known = readGeoSettings(store);
    writeGeoSettings(store, { ...known, sites: { ...known.sites, [name]: at } });
    io.err(`${name} is at ${at.latitude}, ${at.longitude} now.`);
    if (addresses.length === 0) return;
  }
  const kept: GeoSettings = store === undefined ? { databases: [], sites: {} } : readGeoSettings(store);
  const settings = { ...kept, databases: [...geoDb, ...kept.databases] };
  const info = await geoInfo(settings, true);
  if (addresses.length === 0) {
    io.out(
      format === 'table' ? describeInfo(info) : `${JSON.stringify(info, null, format === 'json' ? 2 : 0)}\n`,
    );
    tellProblems(info, io);
    return;
  }
  const places = await placesOf(settings, addresses, options.site);
  const exported = store === undefined ? [] : await askExporters(places, store, io);
  for (const text of render(places, exported ?? [], format)) io.out(text);
  io.flush();
  tellProblems(info, io);
  for (const line of creditLines(places)) io.err(line);
}

/** Undefined where Ctrl-C came before the answer. */
function askExporters(places: readonly Place[], store: string, io: CliIo): Promise<ExportedAs[] | undefined> {
  return interruptible(io, (signal) =>
    unlessAborted(signal, async () => {
      const queries = openQueries(store);
      try {
        return await exportedAs(queries, [...new Set(places.map(({ address }) => address))], {}, { signal });
      } finally {
        await queries.close();
      }
    }),
  );
}

function* render(
  places: readonly Place[],
  exported: readonly ExportedAs[],
  format: OutputFormat,
): Generator<string> {
  const numbersOf = (address: string): ExportedAs['numbers'] =>
    exported.find((one) => one.address === address)?.numbers ?? [];
  const full = places.map((one) => ({ ...one, exportedAs: numbersOf(one.address) }));
  if (format === 'json') yield `${JSON.stringify(full, null, 2)}\n`;
  else if (format === 'jsonl') for (const one of full) yield `${JSON.stringify(one)}\n`;
  else
    yield formatTable(
      placeTitles,
      places.map((one) => placeRow(one, numbersOf(one.address))),
    );
}

function describeInfo({ databases, sites }: GeoInfo): string {
  const rows = databases.map(({ name, kind, date, families, licence, credit, url, path }) => [
    name,
    kind,
    date ?? 'unknown',
    families.map((family) => `IPv${family}`).join(', '),
    licence === '' ? 'unknown' : licence,
    [credit, url].filter(Boolean).join(', '),
    path ?? 'ships with the program',
  ]);
  const titles = ['Database', 'Tells', 'Built', 'For', 'Licence', 'Credit', 'Where'].map((title) => ({
    title,
  }));
  const placed = Object.entries(sites).map(([name, { latitude, longitude, label = '' }]) => [
    name,
    `${latitude}, ${longitude}`,
    label,
  ]);
  const table =
    placed.length === 0
      ? ''
      : `\n${formatTable([{ title: 'Site' }, { title: 'At' }, { title: 'Label' }], placed)}`;
  return `${rows.length === 0 ? '' : formatTable(titles, rows)}${table}`;
}

function tellProblems({ problems, notes, databases }: GeoInfo, io: CliIo): void {
  io.flush();
  for (const sentence of problems) io.err(`backtrail: ${sentence}`);
  if (problems.length > 0 && databases.length > 0) io.fail(1);
  for (const sentence of notes) io.err(sentence);
}
