import { describe, expect, it } from 'vitest';
import type { CountryRow, Place } from '../../core/model/place.ts';
import type { Hop } from '../../core/model/trace-result.ts';
import { heatChanges } from '../../renderer/parts/globe/heat-changes.ts';
import { isSoftware } from '../../renderer/parts/globe/webgl.ts';
import { heatScale } from '../../renderer/screens/tracker/heat-scale.ts';
import { pathMarks, pathSpan, openedLast, uncertainty } from '../../renderer/screens/tracker/path-marks.ts';
import {
  locate,
  pathPoints,
  positionOf,
  type LocatedPoint,
} from '../../renderer/screens/tracker/path-points.ts';
import { gatherTraffic } from '../../renderer/screens/tracker/traffic.ts';
import { darkPalette } from '../../renderer/theme/palette.ts';
import { connectionView as seen, loginHop as login } from '../build/connection-view.ts';

const place = (address: string, longitude: number, latitude: number, more: Partial<Place> = {}): Place => ({
  address,
  kind: 'place',
  longitude,
  latitude,
  city: address,
  sources: [],
  ...more,
});

/** Three logins; that into the last but one machine was seen by nobody. */
const hops: readonly Hop[] = [
  login([
    seen('10.0.0.5', '203.0.113.7', { sourceSite: 'Seoul', startMs: 0, endMs: 1000 }),
    seen('198.51.100.1', '203.0.113.7', { startMs: 0, endMs: 1000 }),
  ]),
  { kind: 'inferred', connections: [], from: '203.0.113.7', to: '192.0.2.9', evidence: null },
  login([seen('192.0.2.9', '192.0.2.80', { startMs: 400, endMs: 900, exporters: ['r2'] })], {
    toSite: 'Rome',
  }),
];

const places = new Map([
  ['198.51.100.1', place('198.51.100.1', 127, 37, { accuracyRadiusKm: 200 })],
  ['203.0.113.7', place('203.0.113.7', 8, 50)],
  ['192.0.2.9', place('192.0.2.9', 2, 46, { kind: 'country', countryNumber: '250' })],
  ['192.0.2.80', place('192.0.2.80', 12, 41)],
]);

const located = (): LocatedPoint[] =>
  pathPoints({ scoreNats: 0, hops }).map((point) => locate(point, (name) => places.get(name)));

describe('the machines of a path', () => {
  it('are one more than its logins, with every name under which each was seen', () => {
    const points = pathPoints({ scoreNats: 0, hops });
    expect(points.map(({ number, role }) => `${number} ${role}`)).toEqual([
      '1 origin',
      '2 stone',
      '3 stone',
      '4 victim',
    ]);
    expect(points[0]?.names.map(({ address, site }) => `${address} ${site ?? '-'}`)).toEqual([
      '10.0.0.5 -',
      '10.0.0.5 Seoul',
      '198.51.100.1 -',
    ]);
  });

  it('are observed only where an exporter saw into them and out of them, or their site names them', () => {
    expect(pathPoints({ scoreNats: 0, hops }).map(({ observed }) => observed)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('stand where the best known of their names is', () => {
    const [first] = located();
    expect(first?.name.address).toBe('198.51.100.1');
    expect(positionOf(first?.place)).toEqual([127, 37]);
  });

  it('are at no place where an address is anycast, special or unknown', () => {
    for (const kind of ['anycast', 'special', 'unknown'] as const)
      expect(positionOf(place('x', 1, 2, { kind }))).toBeUndefined();
  });
});

describe('a path on the globe', () => {
  it('has a dashed line for what was inferred and the colour of the target on the last', () => {
    const { lines } = pathMarks(located(), { time: null, sparks: true, selected: undefined }, darkPalette);
    expect(lines.map(({ id, dashed, colour }) => [id, dashed, colour])).toEqual([
      ['1-2', false, darkPalette.blue],
      ['2-3', true, darkPalette.faint],
      ['3-4', false, darkPalette.amber],
    ]);
  });

  it('shows a login bright while it was open, with a spark that runs along it', () => {
    expect(pathSpan(hops)).toEqual({ from: 0, to: 1000 });
    const at = (time: number) =>
      pathMarks(located(), { time, sparks: true, selected: undefined }, darkPalette);
    const opacity = (time: number) => at(time).lines.find(({ id }) => id === '3-4')?.opacity;
    expect([opacity(200), opacity(500), opacity(950)]).toEqual([0.2, 1, 0.45]);
    expect([at(500).pulses.length, at(1000).pulses.length]).toEqual([2, 1]);
    expect(
      pathMarks(located(), { time: 500, sparks: false, selected: undefined }, darkPalette).pulses,
    ).toEqual([]);
  });

  it('looks at the login that was opened last', () => {
    expect(openedLast(located(), 500)?.key).toBe('leg 3');
    expect(openedLast(located(), 200)?.key).toBe('leg 1');
    expect(openedLast(located(), 5000)).toBeUndefined();
  });

  it('draws a circle where a database says how exact it is, and shades a country that is all that is known', () => {
    const { circles, shaded } = uncertainty(located(), darkPalette);
    expect(circles.map(({ centre, km }) => [centre, km])).toEqual([[[127, 37], 200]]);
    expect(shaded).toEqual(['250']);
  });
});

describe('traffic between places', () => {
  const placeOf = (address: string): Place | undefined => places.get(address);
  const passed = (source: string, destination: string, flows: number, at = 0) => ({
    source,
    destination,
    flows,
    bytes: 10 * flows,
    at,
  });

  it('is put together by pair of places, one arc each way', () => {
    const { arcs } = gatherTraffic(
      [
        passed('198.51.100.1', '203.0.113.7', 1, 5),
        passed('198.51.100.1', '203.0.113.7', 2, 9),
        passed('203.0.113.7', '198.51.100.1', 4, 7),
      ],
      placeOf,
    );
    expect(arcs.map(({ flows, bytes, at }) => [flows, bytes, at])).toEqual([
      [3, 30, 9],
      [4, 40, 7],
    ]);
  });

  it('counts what has an end at no place, and what is not looked up yet, each by itself', () => {
    const nowhere = place('10.0.0.1', 0, 0, { kind: 'special' });
    const { arcs, flowsNowhere, flowsPending } = gatherTraffic(
      [passed('10.0.0.1', '203.0.113.7', 3), passed('198.18.0.1', '203.0.113.7', 5)],
      (address) => (address === '10.0.0.1' ? nowhere : placeOf(address)),
    );
    expect([arcs.length, flowsNowhere, flowsPending]).toEqual([0, 3, 5]);
  });

  it('keeps the latest pairs within its bound and counts the others', () => {
    const { arcs, pairsLeftOut } = gatherTraffic(
      [passed('198.51.100.1', '203.0.113.7', 9, 1), passed('203.0.113.7', '198.51.100.1', 1, 2)],
      placeOf,
      1,
    );
    expect(arcs.map(({ at }) => at)).toEqual([2]);
    expect(pairsLeftOut).toBe(1);
  });
});

describe('the heat of countries', () => {
  const row = (countryNumber: string, bytes: number): CountryRow => ({
    country: countryNumber === '' ? '' : 'XX',
    countryName: 'X',
    countryNumber,
    flows: 1,
    packets: 1,
    bytes,
    addresses: 1,
  });

  it('puts the hundredfold in the middle between one and ten thousand', () => {
    const scale = heatScale([row('004', 1), row('008', 100), row('012', 10_000)], 'bytes');
    expect([scale?.least, scale?.most]).toEqual([1, 10_000]);
    expect([...(scale?.shares ?? [])]).toEqual([
      ['004', 0],
      ['008', expect.closeTo(0.5, 12)],
      ['012', 1],
    ]);
  });

  it('has one colour where all are equal, none where nothing is counted, and leaves zeros out', () => {
    expect([...(heatScale([row('004', 7)], 'bytes')?.shares ?? [])]).toEqual([['004', 1]]);
    expect(heatScale([row('004', 0)], 'bytes')).toBeUndefined();
    expect(heatScale([row('004', 0), row('008', 5)], 'bytes')?.shares.has('004')).toBe(false);
  });

  it('has no colour for what the basemap has no country for', () => {
    expect(heatScale([row('', 5), row('008', 50)], 'bytes')?.shares.size).toBe(1);
  });

  it('changes on the globe only for countries whose step is another, and takes away who is gone', () => {
    const before = new Map([
      ['004', 0],
      ['008', 0.5],
      ['012', 1],
    ]);
    const { changed, gone, shown } = heatChanges(
      before,
      new Map([
        ['004', 0.004],
        ['008', 0.55],
        ['016', 1],
      ]),
    );
    expect(changed.map(([id]) => id)).toEqual(['008', '016']);
    expect(gone).toEqual(['012']);
    expect(shown.get('004')).toBe(0);
  });
});

describe('what draws the globe', () => {
  it.each([
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
    'ANGLE (Mesa, llvmpipe (LLVM 19.1.7 256 bits), OpenGL 4.5)',
    'llvmpipe, or similar',
    'ANGLE (Microsoft, Microsoft Basic Render Driver (0x0000008C) Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'Apple Software Renderer',
  ])('is the processors where it is called %s', (drawer) => {
    expect(isSoftware(drawer)).toBe(true);
  });

  it.each([
    'ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)',
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002503) Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)',
    'Radeon R9 200 Series, or similar',
  ])('is a graphics card where it is called %s', (drawer) => {
    expect(isSoftware(drawer)).toBe(false);
  });
});
