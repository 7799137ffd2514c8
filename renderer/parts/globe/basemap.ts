/** The world without a network: Natural Earth's countries (public domain), as they ship with the program. */
import countriesUrl from 'world-atlas/countries-50m.json?url';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

type World = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>;

export interface Basemap {
  /** A feature a country, with `number` (ISO 3166-1 numeric, three digits) and `name`. */
  readonly countries: ReturnType<typeof countriesOf>;
  readonly borders: ReturnType<typeof mesh>;
  readonly coast: ReturnType<typeof mesh>;
  readonly graticule: ReturnType<typeof graticule>;
}

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
  const world = (await reply.json()) as World;
  const { countries } = world.objects;
  return {
    countries: countriesOf(world),
    borders: mesh(world, countries, (a, b) => a !== b),
    coast: mesh(world, countries, (a, b) => a === b),
    graticule: graticule(),
  };
}

function countriesOf(world: World) {
  const { features, ...rest } = feature(world, world.objects.countries);
  return {
    ...rest,
    features: features.map((country) => ({
      ...country,
      properties: { name: country.properties.name, number: String(country.id ?? country.properties.name) },
    })),
  };
}

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
