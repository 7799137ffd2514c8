/** The style of the globe: sea, land, heat, borders, circles of uncertainty, names of countries. */
import interCyrillic from '@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2?url';
import interLatin from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import interLatinExtended from '@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2?url';
import type { ExpressionSpecification, FilterSpecification, StyleSpecification } from 'maplibre-gl';
import type { Basemap } from './basemap.ts';
import type { GlobeColours } from './globe-colours.ts';

const empty = { type: 'FeatureCollection' as const, features: [] };

/** A font's address from the server's root: the style is read in a worker, which lies elsewhere. */
const absolute = (url: string): string => new URL(url, document.baseURI).href;

const kind = (name: string): FilterSpecification => ['==', ['get', 'kind'], name];

const heat: ExpressionSpecification = ['coalesce', ['feature-state', 'heat'], -1];

/** `tolerance`: how far outlines may be simplified, px of a tile; absent: as MapLibre does. */
export function globeStyle(basemap: Basemap, colours: GlobeColours, tolerance?: number): StyleSpecification {
  const { palette } = colours;
  return {
    version: 8,
    projection: { type: 'globe' },
    'font-faces': {
      Inter: [
        { url: absolute(interLatin), 'unicode-range': ['U+0000-00FF'] },
        { url: absolute(interLatinExtended), 'unicode-range': ['U+0100-02FF', 'U+1E00-1EFF'] },
        { url: absolute(interCyrillic), 'unicode-range': ['U+0400-045F'] },
      ],
    },
    sources: {
      world: {
        type: 'geojson',
        data: basemap,
        promoteId: 'number',
        ...(tolerance === undefined ? {} : { tolerance }),
      },
      circles: { type: 'geojson', data: empty },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colours.sea } },
      {
        id: 'graticule',
        type: 'line',
        source: 'world',
        filter: kind('graticule'),
        paint: { 'line-color': colours.graticule },
      },
      {
        id: 'land',
        type: 'fill',
        source: 'world',
        filter: kind('country'),
        paint: { 'fill-color': heatColour(colours), 'fill-antialias': false },
      },
      {
        id: 'shaded',
        type: 'fill',
        source: 'world',
        filter: ['in', ['get', 'number'], ['literal', []]],
        paint: { 'fill-color': palette.blue, 'fill-opacity': 0.28 },
      },
      {
        id: 'shaded-line',
        type: 'line',
        source: 'world',
        filter: ['in', ['get', 'number'], ['literal', []]],
        paint: { 'line-color': palette.blue, 'line-width': 1.4, 'line-dasharray': [3, 2] },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'world',
        filter: kind('border'),
        paint: { 'line-color': colours.border, 'line-width': 0.6 },
      },
      {
        id: 'coast',
        type: 'line',
        source: 'world',
        filter: kind('coast'),
        paint: { 'line-color': colours.coast, 'line-width': 0.8 },
      },
      {
        id: 'circle',
        type: 'fill',
        source: 'circles',
        layout: { visibility: 'none' },
        paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': 0.14 },
      },
      {
        id: 'circle-line',
        type: 'line',
        source: 'circles',
        layout: { visibility: 'none' },
        paint: { 'line-color': ['get', 'colour'], 'line-width': 1.3, 'line-dasharray': [4, 3] },
      },
      {
        id: 'names',
        type: 'symbol',
        source: 'world',
        filter: kind('country'),
        minzoom: 2.4,
        layout: {
          'text-field': ['get', 'name'],
          'text-font': ['Inter'],
          'text-size': 10.5,
          'text-max-width': 7,
          'text-padding': 6,
        },
        paint: {
          'text-color': palette.dim,
          'text-halo-color': colours.land,
          'text-halo-width': 1,
        },
      },
    ],
  };
}

/** A country's colour by its share of the log scale; plain land where nothing is counted. */
function heatColour({ heat: ramp, land }: GlobeColours): ExpressionSpecification {
  const stops = ramp.flatMap((colour, i) => [i / (ramp.length - 1), colour]);
  return [
    'case',
    ['<', heat, 0],
    land,
    ['interpolate', ['linear'], heat, ...stops],
  ] as unknown as ExpressionSpecification;
}
