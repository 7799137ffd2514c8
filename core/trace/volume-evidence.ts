/**
 * Which connections carried what the target carried? Asked only where the target has too few silences.
 *
 * Each candidate agrees with the target in when it opened, how long it lived, how fast it carried, and in the shape of its
 * volume. How often strangers agree as well is read off the other connections of the same data: each of the first three is
 * ranked among them on its own (as if lives, moments and rates were dealt out anew, a permutation), the shape among the same
 * candidates turned about in time (circular surrogates), and never better than its Fisher z. The chances are combined by
 * Fisher's method; E is that chance times the connections asked about.
 */
import { lowerBound } from '../math/search.ts';
import type { VolumeCandidate, VolumeEvidence } from '../model/volume-evidence.ts';
import type { Gathered } from './records.ts';
import { someView } from './logins.ts';
import type { Suspect, Suspects } from './suspects.ts';
import { showConnection } from './views.ts';
import {
  compareShapes,
  normalTail,
  productChance,
  spreadVolume,
  volumeTrack,
  type VolumeTrack,
} from './volume.ts';

/** At most so many false candidates are to be expected where one is said to carry. */
const EXPECTED_FALSE = 0.01;
/** Candidates listed. */
const SHOWN = 50;
/** Shapes are compared for the candidates that agree best in the rest. */
const SHAPES_COMPARED = 500;
/** The coincidence of two moments is not known better than this, ms, nor that of two lives or rates than by this part. */
const LEAST_MOMENT = 500;
const LEAST_RATIO = Math.log(1.02);
/** A relay holds back no more than this part of what it carries. */
const MOST_HELD_BACK = 0.25;
const BINS = 120;
const LEAST_BIN_MS = 1000;
/** Surrogates in all, and by how many bins each is turned about at least. */
const SURROGATES = 2000;
const LEAST_TURN = 4;

interface Carrier {
  readonly suspect: Suspect;
  readonly track: VolumeTrack;
  readonly chances: readonly number[];
  readonly product: number;
}

/** What is compared of a candidate; smaller is closer. */
interface Distances {
  readonly opens: number | null;
  readonly life: number;
  readonly rate: number;
}

export function compareVolumes(
  gathered: Gathered,
  target: Suspect,
  suspects: Suspects,
): VolumeEvidence | undefined {
  const direction = mainDirection(target);
  const own = trackOf(gathered, suspects, target.login.id, direction);
  if (!own) return undefined;
  const left = new Set(target.login.views.map(({ client }) => client.host));
  const { logins } = suspects;
  const enters = (id: number): boolean =>
    someView(logins, id, logins.connections.serverHost, (host) => left.has(host));
  const { ranked, living, entering } = findClosest(gathered, { target, own, direction, suspects, enters });
  const binMs = Math.max(LEAST_BIN_MS, (own.end - own.start) / BINS);
  const bins = Math.max(1, Math.ceil((own.end - own.start) / binMs));
  const series = spreadVolume(own, own.start, binMs, bins);
  const volumes = ranked.map(({ track }) => spreadVolume(track, own.start, binMs, bins));
  const byChance = turnedAbout(series, volumes);
  const candidates = ranked.map(({ suspect, track, chances, product }, c): VolumeCandidate => {
    const shape = compareShapes(series, volumes[c] ?? series);
    const entersHost = enters(suspect.login.id);
    const alternatives = entersHost ? entering : living;
    const all =
      shape.fisherZ === null
        ? product
        : product * Math.max(normalTail(shape.fisherZ), byChance(shape.fisherZ));
    const eValue = alternatives * productChance(all, chances.length + (shape.fisherZ === null ? 0 : 1));
    const holds = shape.cumulativeGap <= MOST_HELD_BACK && (shape.fisherZ ?? 0) >= 0;
    const comparable = target.fingerprint.clockTied && suspect.fingerprint.clockTied;
    return {
      evidence: 'volume',
      connection: showConnection(gathered, suspect.principal),
      verdict: holds && eValue <= EXPECTED_FALSE ? 'carries' : 'unrelated',
      entersHost,
      eValue,
      alternatives,
      opensBeforeMs:
        !comparable || target.openCensored || suspect.openCensored ? null : target.start - suspect.start,
      closesAfterMs:
        !comparable || target.endCensored || suspect.endCensored ? null : suspect.end - target.end,
      totalsRatio: track.octets / Math.max(1, own.octets),
      ...shape,
    };
  });
  return {
    evidence: 'volume',
    direction: direction === 0 ? 'to-victim' : 'from-victim',
    binMs,
    candidates: candidates
      .toSorted((a, b) => (a.verdict < b.verdict ? -1 : a.verdict > b.verdict ? 1 : a.eValue - b.eValue))
      .slice(0, SHOWN),
    notes: [
      'Volume is weaker evidence than silences: it says that two connections carried about as much at about the same time, and two transfers of one file do so as well. It names no path.',
      ...(ranked.length < living
        ? [
            `${living.toLocaleString('en')} connections were open beside the target: only the volumes of the ${ranked.length} that agree best in moment of opening, life and rate were compared with its volume.`,
          ]
        : []),
    ],
  };
}

interface Crowd {
  readonly target: Suspect;
  readonly own: VolumeTrack;
  readonly direction: 0 | 1;
  readonly suspects: Suspects;
  readonly enters: (id: number) => boolean;
}

interface Closest {
  /** At most `SHAPES_COMPARED`, the closest first. */
  readonly ranked: readonly Carrier[];
  /** Connections open beside the target, and those among them that entered the host that it left from. */
  readonly living: number;
  readonly entering: number;
}

/** The connections that agree best in opening, life and rate. Of all others no more than these three numbers is kept. */
function findClosest(gathered: Gathered, { target, own, direction, suspects, enters }: Crowd): Closest {
  const empty = (): Float64Array => new Float64Array(suspects.count).fill(Number.NaN);
  const [opens, lives, rates] = [empty(), empty(), empty()];
  const beside: number[] = [];
  let entering = 0;
  for (let s = 0; s < suspects.count; s++) {
    const track = s === target.login.id ? undefined : trackOf(gathered, suspects, s, direction);
    if (!track) continue;
    const tied = target.fingerprint.clockTied && suspects.prints.clockTied[s] === 1;
    const distances = distancesTo(own, track, tied);
    opens[s] = distances.opens ?? Number.NaN;
    lives[s] = distances.life;
    rates[s] = distances.rate;
    if (track.start > own.end || track.end < own.start) continue;
    beside.push(s);
    if (enters(s)) entering++;
  }
  const ranks = { opens: rankedBy(opens), life: rankedBy(lives), rate: rankedBy(rates) };
  const chancesOf = (s: number): number[] => {
    const [open, life, rate] = [opens[s] ?? Number.NaN, lives[s] ?? 0, rates[s] ?? 0];
    return [ranks.life(life), ranks.rate(rate), ...(Number.isNaN(open) ? [] : [ranks.opens(open)])];
  };
  const products = Float64Array.from(beside, (s) => chancesOf(s).reduce((all, chance) => all * chance, 1));
  const ranked = smallest(products, SHAPES_COMPARED).flatMap((k): Carrier[] => {
    const s = beside[k] ?? 0;
    const track = trackOf(gathered, suspects, s, direction);
    return track
      ? [{ suspect: suspects.at(s), track, chances: chancesOf(s), product: products[k] ?? 1 }]
      : [];
  });
  return { ranked, living: beside.length, entering };
}

/** Indexes of the smallest values, ascending by value; of equal ones the first. */
function smallest(values: Float64Array, most: number): number[] {
  const limit = values.toSorted()[most - 1] ?? Number.POSITIVE_INFINITY;
  const below: number[] = [];
  const level: number[] = [];
  for (const [i, value] of values.entries()) {
    if (value < limit) below.push(i);
    else if (value === limit && level.length < most) level.push(i);
  }
  below.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  return [...below, ...level].slice(0, most);
}

/** The direction in which the target carried most: 0 from client to server. */
function mainDirection({ principal }: Suspect): 0 | 1 {
  const most = (direction: 0 | 1): number =>
    principal.observations.reduce((octets, one) => Math.max(octets, one.octets[direction]), 0);
  return most(0) >= most(1) ? 0 : 1;
}

/** What the observation of a login's principal view with most octets in that direction shows. */
function trackOf(
  { records }: Gathered,
  { principal, logins: { connections: c } }: Suspects,
  id: number,
  direction: 0 | 1,
): VolumeTrack | undefined {
  const view = principal[id] ?? 0;
  const octets = c.octets[direction];
  let best = c.observations[view] ?? 0;
  for (let o = best + 1; o < (c.observations[view + 1] ?? 0); o++)
    if ((octets[o] ?? 0) > (octets[best] ?? 0)) best = o;
  const [host, port] = direction === 0 ? [c.clientHost, c.clientPort] : [c.serverHost, c.serverPort];
  return volumeTrack(records, c.recordsOf(best), { host: host[view] ?? 0, port: port[view] ?? 0 });
}

function distancesTo(own: VolumeTrack, track: VolumeTrack, tied: boolean): Distances {
  const lifeOf = ({ start, end }: VolumeTrack): number => Math.max(LEAST_MOMENT, end - start);
  const rateOf = (one: VolumeTrack): number => Math.max(1, one.octets) / lifeOf(one);
  return {
    opens: tied ? Math.max(LEAST_MOMENT, Math.abs(track.start - own.start)) : null,
    life: Math.max(LEAST_RATIO, Math.abs(Math.log(lifeOf(track) / lifeOf(own)))),
    rate: Math.max(LEAST_RATIO, Math.abs(Math.log(rateOf(track) / rateOf(own)))),
  };
}

/**
 * The chance of a Fisher z at least as high, counted over the candidates' volumes turned about by parts of the time: what
 * they are like, and where it lies, have then nothing to do with each other. A unit is added.
 */
function turnedAbout(series: Float64Array, volumes: readonly Float64Array[]): (fisherZ: number) => number {
  const found: number[] = [];
  const turns = Math.max(1, Math.min(series.length - 1, Math.ceil(SURROGATES / Math.max(1, volumes.length))));
  for (const volume of volumes) {
    for (let turn = 1; turn <= turns; turn++) {
      const by = Math.floor((turn * series.length) / (turns + 1));
      if (by < LEAST_TURN || series.length - by < LEAST_TURN) continue;
      const turned = Float64Array.from(volume, (_, i) => volume[(i + by) % volume.length] ?? 0);
      const { fisherZ } = compareShapes(series, turned);
      if (fisherZ !== null) found.push(fisherZ);
    }
  }
  const sorted = Float64Array.from(found).sort();
  return (fisherZ) => (1 + sorted.length - lowerBound(sorted, fisherZ)) / (1 + sorted.length);
}

/** The part of all distances that are at most as large, the asked one left out and a unit added. NaN is no distance. */
function rankedBy(distances: Float64Array): (distance: number) => number {
  const sorted = distances.filter((distance) => !Number.isNaN(distance)).sort();
  return (distance) => {
    const low = lowerBound(sorted, distance * (1 + 1e-12));
    return Math.max(1, low) / Math.max(1, sorted.length);
  };
}
