/** The answer of a trace, as `backtrail trace --format json` prints it. All times are corrected, in epoch ms. */
import type { TraceExplanation } from './trace-explanation.ts';
import type { VolumeEvidence } from './volume-evidence.ts';

export interface ConnectionView {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Flow records, of all exporters and both directions. */
  readonly records: number;
  /** Both directions, by the exporter that counted most. */
  readonly packets: number;
  readonly bytes: number;
  /** Addresses of the exporters that saw it. */
  readonly exporters: readonly string[];
  /** Where a private address stands; absent for public ones. */
  readonly sourceSite?: string;
  readonly destinationSite?: string;
}

/** A connection that a question may be about, and when it was active: flat pairs [from, to], ascending, epoch ms. */
export interface NearbyLogin extends ConnectionView {
  readonly activity: readonly number[];
}

/**
 * `path`: on the best path. `twin`: another view of a login on it. `related`: its silences agree, and it lies on another
 * path. `indistinguishable`: both keep a rhythm that matches at any lag. `insufficient`: too few silences to tell.
 */
export type Verdict = 'path' | 'twin' | 'related' | 'indistinguishable' | 'unrelated' | 'insufficient';

export interface Candidate {
  readonly connection: ConnectionView;
  readonly cpf: number;
  readonly scoreNats: number;
  /** False candidates to be expected with such a score: the larger of the model's figure and the surrogates'. */
  readonly eValue: number;
  readonly eValueModel: number;
  /** Counted on time-shifted copies of the same data; null where they were not asked, or too few to say. */
  readonly eValueSurrogate: number | null;
  readonly lagMs: number;
  readonly verdict: Verdict;
  /** Why nothing can be said of it; null where something can. */
  readonly refusal: string | null;
  readonly matched: number;
  readonly targetBoundaries: number;
  readonly activityOverlap: number;
}

/** Why a hop is believed to have carried the next one. */
export interface HopEvidence {
  readonly scoreNats: number;
  /** False hops to be expected among the logins that were asked about here: the larger of the two figures below. */
  readonly eValue: number;
  readonly eValueModel: number;
  /** Counted on time-shifted copies of the same data; null where they are too few to say. */
  readonly eValueSurrogate: number | null;
  /** How many logins were asked about. */
  readonly alternatives: number;
  /** What this hop shares with hops beyond the next, where the next is seen too coarsely to tell; else 0. */
  readonly supportNats: number;
  /** What the score rests on: boundaries that recur, or silences that lie within the other side's (chaff). */
  readonly reading: 'boundaries' | 'chaff-upstream' | 'chaff-downstream';
  /** Silences tested and contained, where the reading is chaff; else 0. */
  readonly tested: number;
  readonly contained: number;
  readonly cpf: number;
  readonly lagMs: number;
  /** Starts and ends of the later hop's silences in the common time, how many recur on this hop, and how many are doubtful. */
  readonly boundaries: number;
  readonly matched: number;
  readonly doubtful: number;
  readonly wrongLagNats: number;
  readonly activityOverlap: number;
  /** How much earlier this hop opened, and how much later it closed, ms; null where no record shows it. */
  readonly opensBeforeMs: number | null;
  readonly closesAfterMs: number | null;
}

export interface Hop {
  readonly kind: 'login' | 'inferred';
  /** NAT twins of one login together, attacker's side first. Empty where the hop is inferred. */
  readonly connections: readonly ConnectionView[];
  readonly from: string;
  readonly to: string;
  readonly fromSite?: string;
  readonly toSite?: string;
  /** Towards the next hop that was seen; null on the last, which is the target. */
  readonly evidence: HopEvidence | null;
}

export interface TracedPath {
  readonly scoreNats: number;
  /** Attacker first, victim last. */
  readonly hops: readonly Hop[];
}

/** An exporter's clock against the others': already corrected in all times of the result. */
export interface ExporterClock {
  readonly exporter: string;
  readonly site: string;
  /** How far it ran ahead in the middle of the data, ms; negative where it ran behind. */
  readonly offsetMs: number;
  readonly offsetErrorMs: number | null;
  /** How fast it gains, parts per million; 0 where no drift was told from noise. */
  readonly driftPpm: number;
  readonly driftErrorPpm: number | null;
  /** Datagrams, or flows that another exporter saw too, on which the figures rest. */
  readonly observations: number;
  /** What it was compared with; null where nothing ties it to any other clock. */
  readonly tiedBy: 'arrival-times' | 'shared-flows' | null;
}

export interface TraceResult {
  readonly target: ConnectionView;
  /** Why no path can be found, whatever there is; null where one could be. */
  readonly refusal: string | null;
  /** Best first. */
  readonly candidates: readonly Candidate[];
  /** Best first. */
  readonly paths: readonly TracedPath[];
  /** What bounds the answer, in sentences. */
  readonly notes: readonly string[];
  readonly clocks: readonly ExporterClock[];
  /** Weaker evidence, only where the target has too few silences for any other. */
  readonly volume?: VolumeEvidence;
  /** Only where they were asked for. */
  readonly explanations?: readonly TraceExplanation[];
}
