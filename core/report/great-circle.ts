/** The shortest way between two places on a sphere. */

interface Degrees {
  readonly latitude: number;
  readonly longitude: number;
}

const STEPS = 48;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

/** Lines of [longitude, latitude]; two where the way crosses the 180th meridian, none between a place and itself. */
export function greatCircle(from: Degrees, to: Degrees): [number, number][][] {
  const [a, b] = [vector(from), vector(to)];
  const cosine = Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
  const angle = Math.acos(cosine);
  // Between antipodes every way is as short.
  if (angle < 1e-6 || Math.PI - angle < 1e-6) return [];
  const lines: [number, number][][] = [[]];
  let before: number | undefined;
  for (let i = 0; i <= STEPS; i++) {
    const part = i / STEPS;
    const [p, q] = [Math.sin((1 - part) * angle), Math.sin(part * angle)].map((s) => s / Math.sin(angle));
    const [x, y, z] = [0, 1, 2].map((axis) => (p ?? 0) * (a[axis] ?? 0) + (q ?? 0) * (b[axis] ?? 0));
    const longitude = degrees(Math.atan2(y ?? 0, x ?? 0));
    const latitude = degrees(Math.asin(Math.min(1, Math.max(-1, z ?? 0))));
    if (before !== undefined && Math.abs(longitude - before) > 180) lines.push([]);
    lines.at(-1)?.push([longitude, latitude]);
    before = longitude;
  }
  return lines.filter((line) => line.length > 1);
}

function vector({ latitude, longitude }: Degrees): readonly [number, number, number] {
  const [lat, lon] = [radians(latitude), radians(longitude)];
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}
