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
import { showConnection } from './views.ts';
import {
  compareShapes,
  normalTail,
  productChance,
  spreadVolume,
  volumeTrack,
  type VolumeTrack,
} from './volume.ts';
import type { Suspect } from './witness.ts';

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
  suspects: readonly Suspect[],
): VolumeEvidence | undefined {
  const direction = mainDirection(target);
  const own = trackOf(gathered, target, direction);
  if (!own) return undefined;
  const carriers = suspects.flatMap((suspect): Carrier[] => {
    const track = suspect === target ? undefined : trackOf(gathered, suspect, direction);
    return track ? [{ suspect, track }] : [];
  });
  const living = carriers.filter(({ track }) => track.start <= own.end && track.end >= own.start);
  const left = new Set(target.login.views.map(({ client }) => client.host));
  const enters = ({ login }: Suspect): boolean => login.views.some(({ server }) => left.has(server.host));
  const entering = living.filter(({ suspect }) => enters(suspect)).length;
  const distances = carriers.map((carrier) => distancesTo(target, own, carrier));
  const ranks = {
    opens: rankedBy(distances.map(({ opens }) => opens)),
    life: rankedBy(distances.map(({ life }) => life)),
    rate: rankedBy(distances.map(({ rate }) => rate)),
  };
  const ranked = living
    .map((carrier) => {
      const { opens, life, rate } = distancesTo(target, own, carrier);
      const chances = [ranks.life(life), ranks.rate(rate), ...(opens === null ? [] : [ranks.opens(opens)])];
      return { carrier, chances, product: chances.reduce((all, chance) => all * chance, 1) };
    })
    .toSorted((a, b) => a.product - b.product)
    .slice(0, SHAPES_COMPARED);
  const binMs = Math.max(LEAST_BIN_MS, (own.end - own.start) / BINS);
  const bins = Math.max(1, Math.ceil((own.end - own.start) / binMs));
  const series = spreadVolume(own, own.start, binMs, bins);
  const volumes = ranked.map(({ carrier }) => spreadVolume(carrier.track, own.start, binMs, bins));
  const byChance = turnedAbout(series, volumes);
  const candidates = ranked.map(({ carrier: { suspect, track }, chances, product }, c): VolumeCandidate => {
    const shape = compareShapes(series, volumes[c] ?? series);
    const entersHost = enters(suspect);
    const alternatives = entersHost ? entering : living.length;
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
    ],
  };
}

/** The direction in which the target carried most: 0 from client to server. */
function mainDirection({ principal }: Suspect): 0 | 1 {
  const most = (direction: 0 | 1): number =>
    Math.max(...principal.observations.map(({ octets }) => octets[direction]));
  return most(0) >= most(1) ? 0 : 1;
}

/** What the observation with most octets in that direction shows. */
function trackOf({ records }: Gathered, { principal }: Suspect, direction: 0 | 1): VolumeTrack | undefined {
  const best = principal.observations.reduce((a, b) => (b.octets[direction] > a.octets[direction] ? b : a));
  return volumeTrack(records, best.records, direction === 0 ? principal.client : principal.server);
}

function distancesTo(target: Suspect, own: VolumeTrack, { suspect, track }: Carrier): Distances {
  const tied = target.fingerprint.clockTied && suspect.fingerprint.clockTied;
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

/** The part of all distances that are at most as large, the asked one left out and a unit added. */
function rankedBy(distances: readonly (number | null)[]): (distance: number) => number {
  const sorted = Float64Array.from(distances.filter((distance) => distance !== null)).sort();
  return (distance) => {
    const low = lowerBound(sorted, distance * (1 + 1e-12));
    return Math.max(1, low) / Math.max(1, sorted.length);
  };
}
