/** A flood traced to where it entered, as `backtrail flood --format json` prints it. Times in epoch ms. */
import type { EpochMs } from './time.ts';

export interface FloodQuestion {
  /** The address or network under attack, in text form, and its prefix length in bits. */
  readonly target: { readonly address: string; readonly length: number };
  /** A moment of the flood. */
  readonly at: EpochMs;
  /** The flood is measured over this long around that moment. */
  readonly windowMs: number;
  /** How far back before it the usual traffic is measured. */
  readonly baselineMs: number;
}

/** What the flood is measured in: that in which it rises most above the usual. */
export type FloodMeasure = 'packets' | 'octets';

/** Traffic to the target in one window. Counters of sampled exporters are scaled up. */
export interface FloodAmount {
  readonly packets: number;
  readonly octets: number;
}

export interface FloodBaseline {
  readonly mean: FloodAmount;
  readonly deviation: FloodAmount;
  /** Windows before the flood on which they rest. */
  readonly windows: number;
}

export interface FloodPart {
  readonly name: string;
  /** In the flood's measure, above what the same part carried before; at least 0. */
  readonly excess: number;
  /** Of its entry point's excess, 0 to 1. */
  readonly share: number;
}

/**
 * `plausible`: nothing speaks against the source addresses. `spoofed`: they cannot be the senders', so they are no trace.
 * `doubtful`: one sign of spoofing. `unknown`: too few to tell.
 */
export type SourceVerdict = 'plausible' | 'spoofed' | 'doubtful' | 'unknown';

export interface FloodSources {
  readonly verdict: SourceVerdict;
  /** Different source addresses in the window, estimated. */
  readonly distinct: number;
  /** Part of them that no network may send from. */
  readonly bogonShare: number;
  /** Part of the flows that count one packet. */
  readonly onePacketShare: number;
  /**
   * How many times more often than by chance two IPv4 sources of one /8 share a /16: about 1 where addresses are drawn at
   * random; null where they are too few to tell.
   */
  readonly crowding: number | null;
  /** Part of the flows with the commonest TTL; null where none is stored. */
  readonly commonestTtlShare: number | null;
  /** What speaks for spoofing, in sentences. */
  readonly signs: readonly string[];
}

/** Where the flood entered: an input interface of an exporter. */
export interface FloodEntry {
  readonly exporter: string;
  readonly exporterPort: number | null;
  readonly site: string;
  /** SNMP index of the input interface; null where the exporter does not say. */
  readonly ingressInterface: number | null;
  readonly amount: FloodAmount;
  /** Null where nothing was recorded before the flood. */
  readonly baseline: FloodBaseline | null;
  /** In the flood's measure; the whole amount where there is no baseline. */
  readonly excess: number;
  /** Deviations above the mean; null without a baseline. */
  readonly deviations: number | null;
  /** Of the excess that this exporter saw, 0 to 1. */
  readonly share: number;
  /** Neighbour (or origin) AS, the largest first. */
  readonly neighbours: readonly FloodPart[];
  /** Source networks, the largest first; empty where the sources are spoofed. */
  readonly prefixes: readonly FloodPart[];
  readonly sources: FloodSources;
}

export interface FloodTrace {
  readonly target: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** Where traffic to the target rose above the usual, as far back as was read; null where it did not. */
  readonly risesAtMs: number | null;
  readonly measure: FloodMeasure;
  /** Largest excess first; none where nothing is above the usual. */
  readonly entries: readonly FloodEntry[];
  /** At the largest entry point. */
  readonly sources: FloodSources;
  readonly confidence: 'high' | 'moderate' | 'low' | 'none';
  /** How sure this is and why, in one sentence. */
  readonly conclusion: string;
  /** What bounds the answer, in sentences. */
  readonly notes: readonly string[];
}
