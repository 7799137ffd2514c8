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

/**
 * True where the eye sees the ground at `point`. `eye` is the position below it and `radii` its distance from the
 * centre, in radii of the globe: the horizon lies at the angle whose cosine is 1/radii.
 */
export function isOnNearSide(point: Position, eye: Position, radii: number): boolean {
  return Math.cos(angleBetween(point, eye)) > 1 / radii;
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
