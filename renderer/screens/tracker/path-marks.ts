/** A located path as marks on the globe, at a moment of its sessions. */
import type { Place } from '../../../core/model/place.ts';
import type { Hop } from '../../../core/model/trace-result.ts';
import type {
  GlobeCircle,
  GlobeLine,
  GlobeMarks,
  GlobePoint,
  GlobePulse,
} from '../../parts/globe/globe-marks.ts';
import {
  along,
  angleBetween,
  cutLine,
  middleOf,
  raisedArc,
  raisedLoop,
  type Position,
  type RaisedPosition,
} from '../../parts/globe/sphere.ts';
import type { Palette } from '../../theme/palette.ts';
import { positionOf, type LocatedPoint } from './path-points.ts';
import { placeTitle } from './place-words.ts';

/** Half-open, epoch ms; null: nothing of the session was recorded. */
export type SessionSpan = { readonly from: number; readonly to: number } | null;

export function spanOf({ connections }: Hop): SessionSpan {
  if (connections.length === 0) return null;
  return {
    from: Math.min(...connections.map(({ startMs }) => startMs)),
    to: Math.max(...connections.map(({ endMs }) => endMs)),
  };
}

/** The time that all sessions take together. */
export function pathSpan(hops: readonly Hop[]): SessionSpan {
  const spans = hops.map(spanOf).filter((span) => span !== null);
  if (spans.length === 0) return null;
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}

export type HopKind = 'target' | 'observed' | 'inferred';

export const hopKind = (hop: Hop, isLast: boolean): HopKind =>
  hop.kind === 'inferred' ? 'inferred' : isLast ? 'target' : 'observed';

function hopColour(kind: HopKind, palette: Palette): string {
  if (kind === 'inferred') return palette.faint;
  return kind === 'target' ? palette.amber : palette.blue;
}

export function pointColour(point: LocatedPoint, palette: Palette): string {
  if (point.role === 'victim') return palette.amber;
  if (!point.observed) return palette.dim;
  return point.role === 'origin' ? palette.red : palette.blue;
}

interface Leg {
  readonly from: LocatedPoint;
  readonly to: LocatedPoint;
  readonly hop: Hop | undefined;
  readonly path: RaisedPosition[];
}

/** Share of all the time in which an arc grows to its full length. */
const GROWTH = 0.03;
/** A spark runs along an arc so many times in all the time. */
const SPARKS = 24;
/** Nearer than this (radians, some 25 km) two machines share a place on the globe. */
const SAME_PLACE = 0.004;

export interface PathMoment {
  /** Null: all of the path, as nobody has moved the play head yet. */
  readonly time: number | null;
  readonly sparks: boolean;
  readonly selected: number | undefined;
}

export function pathMarks(
  points: readonly LocatedPoint[],
  { time, sparks, selected }: PathMoment,
  palette: Palette,
): GlobeMarks {
  const whole = pathSpan(points.flatMap(({ left }) => left ?? []));
  const lines: GlobeLine[] = [];
  const pulses: GlobePulse[] = [];
  const legs = legsOf(points);
  for (const { from, to, hop, path } of legs) {
    const kind = hop ? hopKind(hop, to.role === 'victim') : 'inferred';
    const colour = hopColour(kind, palette);
    const span = hop ? spanOf(hop) : null;
    const id = `${from.number}-${to.number}`;
    const tip = legTip(from, to, hop);
    const common = { colour, tip, dashed: kind === 'inferred' };
    const width = selected === from.number || selected === to.number ? 4 : 2.6;
    if (time === null || !whole || !span) {
      lines.push({ id, path, opacity: kind === 'inferred' ? 0.9 : 0.95, width, ...common });
      continue;
    }
    const grown = (time - span.from) / (GROWTH * (whole.to - whole.from));
    const isOpen = time >= span.from && time <= span.to;
    if (!isOpen || grown < 1) {
      lines.push({ id, path, opacity: time > span.to ? 0.45 : 0.2, width: 1.6, ...common });
    }
    if (!isOpen) continue;
    lines.push({ id, path: cutLine(path, grown), opacity: 1, width, ...common });
    const turn = ((time - span.from) / (whole.to - whole.from)) * SPARKS;
    const spark = cutLine(path, turn % 1).at(-1);
    if (sparks && grown >= 1 && spark) pulses.push({ position: spark, colour: palette.ink });
  }
  return { points: pathDots(points, selected, palette), lines, pulses };
}

/** Between machines that follow each other on the globe; one that is at no place is passed over by a dashed line. */
function legsOf(points: readonly LocatedPoint[]): Leg[] {
  const placed = points.flatMap((point) => {
    const at = positionOf(point.place);
    return at ? [{ point, at }] : [];
  });
  const before: { readonly a: Position; readonly b: Position }[] = [];
  return placed.slice(1).flatMap(({ point: to, at: b }, i) => {
    const previous = placed[i];
    if (!previous) return [];
    const { point: from, at: a } = previous;
    const near = (p: Position, q: Position): boolean => angleBetween(p, q) < SAME_PLACE;
    const again = before.filter(
      (leg) => (near(leg.a, a) && near(leg.b, b)) || (near(leg.a, b) && near(leg.b, a)),
    );
    before.push({ a, b });
    const path = near(a, b)
      ? raisedLoop(a, 1 + 0.5 * again.length)
      : raisedArc(a, b, 0.18 + 0.08 * again.length);
    return [{ from, to, hop: to.number === from.number + 1 ? to.arrived : undefined, path }];
  });
}

/** One dot a place: machines that share it are counted in its label. */
function pathDots(
  points: readonly LocatedPoint[],
  selected: number | undefined,
  palette: Palette,
): GlobePoint[] {
  const groups: { at: Position; members: LocatedPoint[] }[] = [];
  for (const point of points) {
    const at = positionOf(point.place);
    if (!at) continue;
    const group = groups.find((other) => angleBetween(other.at, at) < SAME_PLACE);
    if (group) group.members.push(point);
    else groups.push({ at, members: [point] });
  }
  return groups.flatMap(({ at, members }): GlobePoint[] => {
    const main = members.find(({ number }) => number === selected) ?? members[0];
    if (!main) return [];
    const numbers = members.map(({ number }) => number).join(', ');
    return [
      {
        id: `hop-${main.number}`,
        position: at,
        colour: pointColour(main, palette),
        hollow: !main.observed || main.place?.kind === 'country',
        radius: main.number === selected ? 9 : 7,
        label: `${numbers} · ${shortTitle(main.place)}`,
        tip: members
          .map((member) => `${member.number} · ${placeTitle(member.place)}\n${member.name.address}`)
          .join('\n'),
      },
    ];
  });
}

/** The city alone, without its districts. */
export const shortTitle = (place: Place | undefined): string =>
  (place?.kind === 'place' ? place.city : undefined)?.replace(/ \(.*\)$/, '') ?? placeTitle(place);

function legTip(from: LocatedPoint, to: LocatedPoint, hop: Hop | undefined): string {
  const between = `${from.number} → ${to.number}`;
  if (!hop) return `${between}\nover machines that are at no place on the globe`;
  if (hop.kind === 'inferred') return `${between}\ninferred: no exporter saw this login`;
  return `${between}\n${hop.from} → ${hop.to}\n${hop.connections.length} observed ${hop.connections.length === 1 ? 'view' : 'views'} of this login`;
}

/** How exact the places are, drawn: circles where a database says so, whole countries where it knows no more. */
export function uncertainty(
  points: readonly LocatedPoint[],
  palette: Palette,
): { circles: GlobeCircle[]; shaded: string[] } {
  const circles = points.flatMap((point): GlobeCircle[] => {
    const centre = positionOf(point.place);
    const km = point.place?.accuracyRadiusKm;
    return centre && km !== undefined ? [{ centre, km, colour: pointColour(point, palette) }] : [];
  });
  const shaded = points.flatMap(({ place }) =>
    place?.kind === 'country' && place.countryNumber !== undefined ? [place.countryNumber] : [],
  );
  return { circles, shaded };
}

/** What to look at so that the whole path is in the picture, and how near. */
export function pathView(points: readonly LocatedPoint[]): { centre: Position; closer: number } | undefined {
  const places = points.flatMap(({ place }) => {
    const at = positionOf(place);
    return at ? [at] : [];
  });
  if (places.length === 0) return undefined;
  const [longitude, latitude] = middleOf(places);
  // Near the poles nobody knows which way is up.
  const centre: Position = [longitude, Math.min(38, Math.max(-38, latitude))];
  const widest = Math.max(...places.map((place) => angleBetween(centre, place)));
  return { centre, closer: Math.min(4, Math.max(0, Math.log2(0.9 / Math.max(widest, 0.02)))) };
}

/** Where the login is that was opened last at `time`: the middle of its arc. Undefined where none is open. */
export function openedLast(
  points: readonly LocatedPoint[],
  time: number,
): { key: string; centre: Position } | undefined {
  const opened = points.filter(({ left }) => {
    const span = left && spanOf(left);
    return span && time >= span.from && time <= span.to;
  });
  const from = opened.at(-1);
  const to = from && points.find(({ number }) => number === from.number + 1);
  const [a, b] = [positionOf(from?.place), positionOf(to?.place)];
  return from && a && b ? { key: `leg ${from.number}`, centre: along(a, b, 0.5) } : undefined;
}
