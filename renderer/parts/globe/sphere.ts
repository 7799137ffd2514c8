/** Geometry on the sphere. Positions are [longitude, latitude] in degrees; longitudes of lines may leave ±180. */

export type Position = readonly [longitude: number, latitude: number];
export type RaisedPosition = [longitude: number, latitude: number, metres: number];

/** IUGG mean radius. */
const EARTH_RADIUS_KM = 6371.0088;
const EARTH_RADIUS_M = EARTH_RADIUS_KM * 1000;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

type Vector = readonly [number, number, number];

function vectorOf([longitude, latitude]: Position): Vector {
  const flat = Math.cos(radians(latitude));
  return [
    flat * Math.cos(radians(longitude)),
    flat * Math.sin(radians(longitude)),
    Math.sin(radians(latitude)),
  ];
}

const positionOf = ([x, y, z]: Vector): Position => [
  degrees(Math.atan2(y, x)),
  degrees(Math.atan2(z, Math.hypot(x, y))),
];

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** The angle between two positions as seen from the centre, radians. */
export function angleBetween(a: Position, b: Position): number {
  return Math.acos(Math.min(1, Math.max(-1, dot(vectorOf(a), vectorOf(b)))));
}

/** The position `share` (0 to 1) of the way along the great circle. */
export function along(a: Position, b: Position, share: number): Position {
  const angle = angleBetween(a, b);
  if (angle < 1e-9) return a;
  const [from, to] = [vectorOf(a), vectorOf(b)];
  const [p, q] = [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)];
  return positionOf([from[0] * p + to[0] * q, from[1] * p + to[1] * q, from[2] * p + to[2] * q]);
}

/** The middle of positions, by the sum of their directions. */
export function middleOf(positions: readonly Position[]): Position {
  const sum: [number, number, number] = [0, 0, 0];
  for (const position of positions) {
    for (const [i, part] of vectorOf(position).entries()) sum[i] = (sum[i] ?? 0) + part;
  }
  return positionOf(sum);
}

/** Where one comes from `start` after `angle` radians in the direction `bearing` (degrees from north). */
function destination([longitude, latitude]: Position, angle: number, bearing: number): Position {
  const [phi, theta] = [radians(latitude), radians(bearing)];
  const to = Math.asin(Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(theta));
  const turn = Math.atan2(
    Math.sin(theta) * Math.sin(angle) * Math.cos(phi),
    Math.cos(angle) - Math.sin(phi) * Math.sin(to),
  );
  return [longitude + degrees(turn), degrees(to)];
}

/** The outline of everything within `km` of a centre: a closed ring. */
export function circleAround(centre: Position, km: number, corners = 96): [number, number][] {
  const angle = Math.min(km / EARTH_RADIUS_KM, Math.PI * 0.99);
  const ring = Array.from({ length: corners + 1 }, (_, i): [number, number] => {
    const [longitude, latitude] = destination(centre, angle, (360 * (i % corners)) / corners);
    return [longitude, latitude];
  });
  return unwrapped(ring);
}

/** Longitudes made continuous: no step is longer than half the globe. */
export function unwrapped<P extends readonly number[]>(line: readonly P[]): P[] {
  let turn = 0;
  let before = line[0]?.[0] ?? 0;
  return line.map((point) => {
    const longitude = point[0] ?? 0;
    if (longitude - before > 180) turn -= 360;
    if (longitude - before < -180) turn += 360;
    before = longitude;
    return [longitude + turn, ...point.slice(1)] as unknown as P;
  });
}

/** How a globe is looked at: straight down on `centre`, which is in the middle of the picture. Lengths in px there. */
export interface Look {
  readonly centre: Position;
  readonly radius: number;
  /** From the eye to the ground. */
  readonly distance: number;
}

export interface Seen {
  /** From the middle of the picture to the right and down, px. */
  readonly x: number;
  readonly y: number;
  /** False: the planet is in front of it. */
  readonly near: boolean;
}

/** Where positions appear: a perspective of the sphere, north up. */
export function viewFrom({ centre, radius, distance }: Look): (position: RaisedPosition) => Seen {
  const up = vectorOf(centre);
  const turn = radians(centre[0]);
  const east: Vector = [-Math.sin(turn), Math.cos(turn), 0];
  const north: Vector = [
    up[1] * east[2] - up[2] * east[1],
    up[2] * east[0] - up[0] * east[2],
    up[0] * east[1] - up[1] * east[0],
  ];
  const eye = radius + distance;
  return ([longitude, latitude, metres]) => {
    const vector = vectorOf([longitude, latitude]);
    const length = radius * (1 + metres / EARTH_RADIUS_M);
    const [x, y, z] = [dot(vector, east) * length, dot(vector, north) * length, dot(vector, up) * length];
    const depth = eye - z;
    // The nearest that the line of sight comes to the planet's middle, if that is on this side of the position.
    const share = (eye * depth) / (x * x + y * y + depth * depth);
    const passes = eye * Math.sqrt(Math.max(0, 1 - share * (depth / eye)));
    return {
      x: (x * distance) / depth,
      y: (-y * distance) / depth,
      near: share >= 1 || passes >= radius,
    };
  };
}

/** How far a place of the picture is from a line in it, px: only what is seen of the line counts. */
export function distanceToLine(x: number, y: number, line: readonly Seen[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1], line[i]];
    if (!a?.near || !b?.near) continue;
    const [width, height] = [b.x - a.x, b.y - a.y];
    const along_ = ((x - a.x) * width + (y - a.y) * height) / (width * width + height * height || 1);
    const share = Math.min(1, Math.max(0, along_));
    least = Math.min(least, Math.hypot(a.x + share * width - x, a.y + share * height - y));
  }
  return least;
}

/** No arc rises higher, in radii of the globe: long ones would leave the picture. */
const HIGHEST = 0.3;

/** A great circle lifted off the ground, highest in its middle: `lift` is that height over the angle's chord. */
export function raisedArc(a: Position, b: Position, lift = 0.18, steps = 72): RaisedPosition[] {
  const top = EARTH_RADIUS_M * Math.min(HIGHEST, lift * 2 * Math.sin(angleBetween(a, b) / 2));
  return unwrapped(
    Array.from({ length: steps + 1 }, (_, i): RaisedPosition => {
      const share = i / steps;
      const [longitude, latitude] = along(a, b, share);
      // A parabola: steep at both ends, so that arcs leave their places apart from each other.
      return [longitude, latitude, GROUND + top * 4 * share * (1 - share)];
    }),
  );
}

/** A loop from a place back to it: what happens between two machines of one place. */
export function raisedLoop(centre: Position, size = 1, steps = 48): RaisedPosition[] {
  const angle = 0.075 * size;
  return unwrapped(
    Array.from({ length: steps + 1 }, (_, i): RaisedPosition => {
      const share = i / steps;
      const reach = Math.sin(Math.PI * share);
      const [longitude, latitude] = destination(centre, angle * reach, 90 + 70 * (2 * share - 1));
      return [longitude, latitude, GROUND + EARTH_RADIUS_M * 0.05 * size * reach];
    }),
  );
}

/** Metres above the ground at which marks stand, so that the ground does not cut into them. */
export const GROUND = 12_000;

/** The first `share` of a line, its last point put between two of the line's. */
export function cutLine(line: readonly RaisedPosition[], share: number): RaisedPosition[] {
  const at = Math.min(1, Math.max(0, share)) * (line.length - 1);
  const whole = Math.floor(at);
  const kept = line.slice(0, whole + 1);
  const [from, to] = [line[whole], line[whole + 1]];
  return from && to && at > whole ? [...kept, between(from, to, at - whole)] : kept;
}

function between(a: RaisedPosition, b: RaisedPosition, share: number): RaisedPosition {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** A line as dashes of some points each with gaps of as many. */
export function dashes(line: readonly RaisedPosition[], points = 2): RaisedPosition[][] {
  const pieces: RaisedPosition[][] = [];
  for (let i = 0; i + 1 < line.length; i += 2 * points) pieces.push(line.slice(i, i + points + 1));
  return pieces;
}
