/** The known places of a path on a map of the world: equirectangular, cut to what matters, great circles between them. */
import { Circle, ClipPath, Defs, G, Path, Rect, Svg, Text, View } from '@react-pdf/renderer';
import { readFileSync } from 'node:fs';
import type { ReactElement } from 'react';
import type { ReportPoint } from '../model/report.ts';
import { h, ink, styles } from './page-theme.ts';
import { greatCircle } from './great-circle.ts';
import { svgText } from './svg-text.ts';
import { sans } from './text-blocks.ts';

const RATIO = 0.46;
/** Degrees that are shown at least, and what is left free around the points. */
const LEAST_WIDTH = 90;
const FREE = 0.18;
/** Points nearer than this on paper are drawn as one. */
const TOGETHER = 9;

let land: readonly (readonly number[])[] | undefined;

/** Rings of longitudes and latitudes in turn. */
function landRings(): readonly (readonly number[])[] {
  const file = new URL('../../resources/basemap/land-110m.json', import.meta.url);
  land ??= (JSON.parse(readFileSync(file, 'utf8')) as { rings: number[][] }).rings;
  return land;
}

export interface MapBlock {
  readonly points: readonly ReportPoint[];
  readonly legs: readonly (readonly [number, number])[];
  readonly caption: string;
}

export function mapBlock({ points, legs, caption }: MapBlock, width: number): ReactElement {
  const height = width * RATIO;
  const view = viewOf(points);
  const x = (longitude: number): number => ((longitude - view.west) / view.width) * width;
  const y = (latitude: number): number => ((view.north - latitude) / view.height) * height;
  const path = (line: readonly (readonly [number, number])[], close: boolean): string =>
    `${line.map(([lon, lat], i) => `${i === 0 ? 'M' : 'L'}${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`).join('')}${close ? 'Z' : ''}`;
  const groups = together(points.map((point) => [x(point.longitude), y(point.latitude)] as const));
  const coast = landRings()
    .filter((ring) => isVisible(ring, view))
    .map((ring) => path(pairs(ring), true))
    .join('');
  return h(
    View,
    { wrap: false, style: styles.block },
    h(
      Svg,
      { width, height, viewBox: `0 0 ${width} ${height}` },
      h(Defs, null, h(ClipPath, { id: 'map' }, h(Rect, { x: 0, y: 0, width, height }))),
      h(
        G,
        { clipPath: 'url(#map)' },
        h(Rect, { x: 0, y: 0, width, height, fill: '#fafbfc', stroke: ink.line, strokeWidth: 0.8 }),
        h(Path, { d: coast, fill: ink.land, stroke: ink.coast, strokeWidth: 0.4 }),
        ...points.flatMap(({ accuracyKm, latitude, longitude }) =>
          accuracyKm === null
            ? []
            : [circleOf(x(longitude), y(latitude), (accuracyKm / 111.2 / view.height) * height)],
        ),
        ...legs.flatMap(([from, to]) => {
          const [a, b] = [points[from], points[to]];
          if (!a || !b) return [];
          return greatCircle(a, b).map((line) =>
            h(Path, { d: path(line, false), fill: 'none', stroke: ink.blue, strokeWidth: 1.3 }),
          );
        }),
        ...groups.flatMap(({ members, at: [cx, cy] }) => {
          const exact = members.some((member) => points[member]?.exact === true);
          const text = members.map((member) => member + 1).join(', ');
          const wide = 3 + text.length * 2;
          return [
            h(Rect, {
              x: cx - Math.max(6, wide),
              y: cy - 6,
              width: Math.max(12, wide * 2),
              height: 12,
              rx: 6,
              fill: exact ? ink.blue : '#ffffff',
              stroke: exact ? ink.blue : ink.grey,
              strokeWidth: 1,
            }),
            svgText(cx, cy + 2.4, text, {
              anchor: 'middle',
              colour: exact ? '#ffffff' : ink.text,
              bold: true,
            }),
          ];
        }),
      ),
    ),
    h(
      View,
      { style: { flexDirection: 'row', flexWrap: 'wrap', columnGap: 14, marginTop: 3 } },
      ...points.map(({ name }, i) => h(Text, { style: styles.small }, `${i + 1}  ${sans(name, 60)}`)),
    ),
    h(Text, { style: { ...styles.small, marginTop: 2 } }, sans(caption, 80)),
  );
}

const circleOf = (cx: number, cy: number, r: number): ReactElement =>
  h(Circle, { cx, cy, r, fill: ink.blue, fillOpacity: 0.08, stroke: ink.blue, strokeWidth: 0.4 });

interface View2d {
  readonly west: number;
  readonly north: number;
  readonly width: number;
  readonly height: number;
}

/** The part of the world that holds the points, with the paper's proportions. */
function viewOf(points: readonly ReportPoint[]): View2d {
  const longitudes = points.map(({ longitude }) => longitude);
  const latitudes = points.map(({ latitude }) => latitude);
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  // Great circles run nearer to the poles than their ends.
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const bend = (east - west) / 8;
  const tall = (north - south + bend) * (1 + 2 * FREE);
  const width = Math.min(360, Math.max(LEAST_WIDTH, (east - west) * (1 + 2 * FREE), tall / RATIO));
  const height = width * RATIO;
  const centre = (south + north + (north >= 0 ? bend : -bend)) / 2;
  return {
    west: Math.max(-180, Math.min(180 - width, (west + east - width) / 2)),
    north: Math.min(90, Math.max(-90 + height, centre + height / 2)),
    width,
    height,
  };
}

const pairs = (ring: readonly number[]): [number, number][] =>
  Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i] ?? 0, ring[2 * i + 1] ?? 0]);

function isVisible(ring: readonly number[], { west, north, width, height }: View2d): boolean {
  const longitudes = ring.filter((_, i) => i % 2 === 0);
  const latitudes = ring.filter((_, i) => i % 2 === 1);
  return (
    Math.max(...longitudes) > west &&
    Math.min(...longitudes) < west + width &&
    Math.min(...latitudes) < north &&
    Math.max(...latitudes) > north - height
  );
}

interface Group {
  readonly members: number[];
  readonly at: readonly [number, number];
}

function together(places: readonly (readonly [number, number])[]): Group[] {
  const groups: Group[] = [];
  for (const [i, place] of places.entries()) {
    const near = groups.find(({ at }) => Math.hypot(at[0] - place[0], at[1] - place[1]) < TOGETHER);
    if (near) near.members.push(i);
    else groups.push({ members: [i], at: place });
  }
  return groups;
}
