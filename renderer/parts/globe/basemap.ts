/** The world without a network: Natural Earth's countries (public domain), as they ship with the program. */
import countriesUrl from 'world-atlas/countries-50m.json?url';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { unwrapped } from './sphere.ts';

type World = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>;

type Lines = ReturnType<typeof mesh>;

/**
 * The features have a `kind`: `country` (with `number`, ISO 3166-1 numeric, three digits, and `name`), `border`, `coast`,
 * `graticule`. They are one collection, because a map draws its tiles' stencils anew for each source.
 */
export type Basemap = ReturnType<typeof basemapOf>;

let loaded: Promise<Basemap> | undefined;

/** Reads it once. A read that failed is tried again by the next who asks. */
export function loadBasemap(): Promise<Basemap> {
  loaded ??= readBasemap().catch((cause: unknown) => {
    loaded = undefined;
    throw cause;
  });
  return loaded;
}

async function readBasemap(): Promise<Basemap> {
  const reply = await fetch(countriesUrl);
  if (!reply.ok) throw new Error('The basemap cannot be read: load the page again.');
  return basemapOf((await reply.json()) as World);
}

function basemapOf(world: World) {
  const { countries } = world.objects;
  return {
    type: 'FeatureCollection' as const,
    features: [
      ...countriesOf(world),
      featureOf('border', linesOf(mesh(world, countries, (a, b) => a !== b))),
      featureOf('coast', linesOf(mesh(world, countries, (a, b) => a === b))),
      featureOf('graticule', graticule()),
    ],
  };
}

const featureOf = <Geometry>(kind: string, geometry: Geometry) => ({
  type: 'Feature' as const,
  properties: { kind },
  geometry,
});

const countriesOf = (world: World) =>
  shapesOf(world).features.map((country) => ({
    ...country,
    geometry: flattened(country.geometry),
    properties: {
      kind: 'country',
      name: country.properties.name,
      number: String(country.id ?? country.properties.name),
    },
  }));

const shapesOf = (world: World) => feature(world, world.objects.countries);
type Geometry = ReturnType<typeof shapesOf>['features'][number]['geometry'];

/** The shapes are of the sphere and know no date line; a map that is cut there wants rings that run on beyond it. */
function flattened(geometry: Geometry): Geometry {
  if (geometry.type === 'Polygon') return { ...geometry, coordinates: geometry.coordinates.map(ringOf) };
  if (geometry.type !== 'MultiPolygon') return geometry;
  return { ...geometry, coordinates: geometry.coordinates.map((rings) => rings.map(ringOf)) };
}

/** Where the square map of the web ends. */
const SOUTH = -85.06;

/** A ring around the pole does not close on a flat map: it is led along the pole. */
function ringOf(ring: readonly number[][]): number[][] {
  const line = unwrapped(ring);
  const [first, last] = [line[0]?.[0] ?? 0, line.at(-1)?.[0] ?? 0];
  const start = line[0];
  if (!start || Math.abs(last - first) < 180) return line;
  return [...line, [last, SOUTH], [first, SOUTH], start];
}

const linesOf = (lines: Lines): Lines => ({
  ...lines,
  coordinates: lines.coordinates.map((line) => unwrapped(line)),
});

/** Meridians and parallels, every 30 degrees. */
function graticule() {
  const meridians = [-180, -150, -120, -90, -60, -30, 0, 30, 60, 90, 120, 150].map((longitude) =>
    steps(-80, 80).map((latitude) => [longitude, latitude]),
  );
  const parallels = [-60, -30, 0, 30, 60].map((latitude) =>
    steps(-180, 180).map((longitude) => [longitude, latitude]),
  );
  return { type: 'MultiLineString' as const, coordinates: [...meridians, ...parallels] };
}

const steps = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 4 + 1 }, (_, i) => from + 4 * i);
