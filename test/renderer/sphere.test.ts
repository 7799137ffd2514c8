import { describe, expect, it } from 'vitest';
import { seenPieces } from '../../renderer/parts/globe/marks-canvas.ts';
import {
  along,
  angleBetween,
  circleAround,
  cutLine,
  dashes,
  distanceToLine,
  middleOf,
  raisedArc,
  unwrapped,
  viewFrom,
  type Position,
  type RaisedPosition,
} from '../../renderer/parts/globe/sphere.ts';

const seoul: Position = [126.98, 37.57];
const johannesburg: Position = [28.05, -26.2];
const EARTH_KM = 6371;

describe('the geometry of the globe', () => {
  it('measures the great circle from Seoul to Johannesburg as atlases do, some 12,500 km', () => {
    const km = angleBetween(seoul, johannesburg) * EARTH_KM;
    expect(km).toBeGreaterThan(12_300);
    expect(km).toBeLessThan(12_700);
  });

  it('halves a quarter of the equator at 45 degrees, and comes to the pole on a meridian', () => {
    expect(along([0, 0], [90, 0], 0.5)[0]).toBeCloseTo(45, 9);
    expect(along([10, 0], [10, 90], 2 / 3)[1]).toBeCloseTo(60, 9);
  });

  it('finds the middle of positions on both sides of the date line beside that line', () => {
    expect(Math.abs(middleOf([[170, 0], [-170, 0]])[0])).toBeCloseTo(180, 9); // prettier-ignore
  });

  it('leads a line over the date line without a leap', () => {
    expect(unwrapped([[179, 5], [-179, 6], [-170, 7]])).toEqual([[179, 5], [181, 6], [190, 7]]); // prettier-ignore
  });

  it('draws a circle whose every corner is as far from its centre as it says', () => {
    const ring = circleAround(seoul, 500);
    expect(ring[0]).toEqual(ring.at(-1));
    for (const corner of ring) expect(angleBetween(seoul, corner) * EARTH_KM).toBeCloseTo(500, 0);
  });

  it('raises an arc between its ends and leaves the ends on the ground', () => {
    const arc = raisedArc(seoul, johannesburg);
    const heights = arc.map(([, , metres]) => metres);
    expect(heights[0]).toBe(heights.at(-1));
    expect(Math.max(...heights)).toBe(heights[(heights.length - 1) / 2]);
    expect(Math.max(...heights)).toBeGreaterThan(1_000_000);
    expect(arc[0]?.slice(0, 2)).toEqual([expect.closeTo(126.98, 6), expect.closeTo(37.57, 6)]);
  });

  it('cuts a line between two of its points, and at its ends', () => {
    const line: RaisedPosition[] = [[0, 0, 0], [10, 0, 100], [20, 0, 0]]; // prettier-ignore
    expect(cutLine(line, 0.25)).toEqual([[0, 0, 0], [5, 0, 50]]); // prettier-ignore
    expect(cutLine(line, 0)).toEqual([[0, 0, 0]]);
    expect(cutLine(line, 7)).toEqual(line);
  });

  it('makes dashes with gaps of their own length', () => {
    const line = Array.from({ length: 9 }, (_, i): RaisedPosition => [i, 0, 0]);
    expect(dashes(line).map((dash) => dash.map(([longitude]) => longitude))).toEqual([
      [0, 1, 2],
      [4, 5, 6],
    ]);
  });
});

describe('where a position appears in the picture', () => {
  const look = viewFrom({ centre: [0, 0], radius: 100, distance: 300 });

  it('puts what it looks at in the middle, east to the right and north up', () => {
    expect(look([0, 0, 0])).toEqual({ x: 0, y: expect.closeTo(0, 9), near: true });
    expect(look([10, 0, 0]).x).toBeGreaterThan(0);
    expect(look([0, 10, 0]).y).toBeLessThan(0);
  });

  it('sees the ground as far as the horizon, whose cosine is the radius over the way to the middle', () => {
    const horizon = (Math.acos(100 / 400) * 180) / Math.PI;
    expect(look([horizon - 0.1, 0, 0]).near).toBe(true);
    expect(look([horizon + 0.1, 0, 0]).near).toBe(false);
    expect(look([180, 0, 0]).near).toBe(false);
  });

  it('has the horizon where the line of sight touches the sphere', () => {
    const horizon = (Math.acos(100 / 400) * 180) / Math.PI;
    expect(look([horizon, 0, 0]).x).toBeCloseTo((300 * 100) / Math.sqrt(400 ** 2 - 100 ** 2), 6);
  });

  it('sees what stands high beyond the horizon', () => {
    expect(look([90, 0, 0]).near).toBe(false);
    expect(look([90, 0, 2_000_000]).near).toBe(true);
  });

  it('keeps north up wherever it looks', () => {
    const there = viewFrom({ centre: seoul, radius: 100, distance: 300 });
    const north = there([seoul[0], seoul[1] + 5, 0]);
    expect(north.x).toBeCloseTo(0, 9);
    expect(north.y).toBeLessThan(0);
    expect(there([seoul[0] + 5, seoul[1], 0]).x).toBeGreaterThan(0);
  });

  it('measures how far one points beside a line, and does not find the part behind the planet', () => {
    const seen = (x: number, y: number, near = true) => ({ x, y, near });
    const line = [seen(0, 0), seen(100, 0), seen(100, 100, false)];
    expect(distanceToLine(50, 7, line)).toBe(7);
    expect(distanceToLine(-3, 4, line)).toBe(5);
    expect(distanceToLine(100, 80, line)).toBe(80);
  });

  it('parts a line where the planet hides it, and keeps no single points', () => {
    const eye = viewFrom({ centre: [0, 0], radius: 100, distance: 1000 });
    const around = [-20, 0, 20, 140, 180, 220, 340, 350].map((longitude): RaisedPosition => [
      longitude,
      0,
      0,
    ]);
    const pieces = seenPieces(around, eye);
    expect(pieces.map(({ length }) => length)).toEqual([3, 2]);
    expect(pieces[0]?.map(({ x }) => Math.sign(x))).toEqual([-1, 0, 1]);
    expect(
      seenPieces(
        [
          [0, 0, 0],
          [180, 0, 0],
          [5, 0, 0],
        ],
        eye,
      ),
    ).toEqual([]);
  });
});
