/**
 * What can be asked of stored flows, and what comes back: the words that the engine, the contract and the screens share.
 *
 * Times are epoch ms, ranges half-open. Counters are raw unless `scaled`. A field name is nfdump's (`srcip`, `dstport`,
 * `proto`, `srcas`, `inif`, `exporter`, `srcnet/24` ...) or the name of an IPFIX information element.
 */
import type { EpochMs } from './time.ts';

export type Measure = 'flows' | 'packets' | 'bytes';

/**
 * What a stored record is. `event`: a moment in a flow's life, told by a firewall or NAT; `sample`: one packet (sFlow);
 * `aggregate`: a sum over flows (NetFlow v8). Records of two kinds are never counted together.
 */
export type RecordKind = 'flow' | 'event' | 'sample' | 'aggregate';

/** Which flows a query is about. */
export interface FlowSelection {
  /** Records of this kind instead of flows; lists without it show everything but aggregates. */
  readonly kind?: RecordKind | undefined;
  /** Only flows that were there at or after this time. */
  readonly from?: EpochMs | undefined;
  /** Only flows that began before this time. */
  readonly to?: EpochMs | undefined;
  /** In the filter language; empty or absent: every flow. */
  readonly filter?: string | undefined;
  /** Count a flow once for each exporter that saw it, instead of once. */
  readonly everyObservation?: boolean | undefined;
  /** Multiply the counters of sampled exporters by their sampling interval. */
  readonly scaled?: boolean | undefined;
}

export interface Counts {
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
}

/** What bounds an answer, beside its numbers. */
export interface AnswerNotes {
  /** What the store could not give, a sentence each. */
  readonly damages: readonly string[];
  /** What the person should know, a sentence each. */
  readonly notes: readonly string[];
  /** Flows of exporters that sample are in it; whether they were scaled says `FlowSelection.scaled`. */
  readonly sampled: boolean;
  /** Observations that were left out because another exporter's of the same flow is counted. */
  readonly duplicates: number;
}

export interface QueryProgress {
  readonly segmentsDone: number;
  readonly segments: number;
  readonly rowsScanned: number;
}

export interface TopQuestion extends FlowSelection {
  /** One or several fields; rows are counted by their values together. */
  readonly fields: readonly string[];
  readonly by: Measure;
  readonly limit: number;
  /** False: leave `firstMs` and `lastMs` null, which spares reading the times. */
  readonly times?: boolean | undefined;
}

export interface TopRow extends Counts {
  /** The values in text, in the order of `fields`; an address of one site alone is followed by `@site`. */
  readonly key: readonly string[];
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

export interface TopAnswer extends AnswerNotes {
  readonly fields: readonly string[];
  /** Largest first. */
  readonly rows: readonly TopRow[];
  /** Over everything that was selected. */
  readonly total: Counts;
  /** Distinct keys, of which `rows` are the largest. */
  readonly distinct: number;
}

export interface SeriesQuestion extends FlowSelection {
  /** Width of a bucket; absent: the smallest round width that gives at most `maxBuckets`. */
  readonly bucketMs?: number | undefined;
  readonly maxBuckets?: number | undefined;
  /** Split by the values of this field; the largest `splitLimit`, the rest together under the key `other`. */
  readonly split?: string | undefined;
  readonly splitLimit?: number | undefined;
  readonly by: Measure;
}

export interface SeriesLine {
  readonly key: string;
  /** One a bucket; packets and bytes of a flow are spread over its life, a flow counts where it begins. */
  readonly values: Float64Array;
}

export interface SeriesAnswer extends AnswerNotes {
  /** Where the first bucket begins, a multiple of its width. */
  readonly startMs: number;
  readonly bucketMs: number;
  readonly buckets: number;
  readonly by: Measure;
  /** Largest first, `other` last. */
  readonly lines: readonly SeriesLine[];
}

export type FlowSort = 'start' | 'end' | 'bytes' | 'packets' | 'duration';

export interface FlowListQuestion extends FlowSelection {
  readonly sort: FlowSort;
  readonly descending: boolean;
  /** Keep only so many rows, the first of the order. */
  readonly limit?: number | undefined;
  /** Keep the last of the order instead, where not all are kept. */
  readonly fromEnd?: boolean | undefined;
}

/** One flow for the screen. Counters are raw: above 2^53 decimal strings, null where the exporter left them empty. */
export interface FlowRow {
  /** Finds this row again, for its details: day, source, chunk and row. */
  readonly id: string;
  readonly kind: RecordKind;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly tcpFlags: number;
  readonly tos: number;
  readonly packets: number | string | null;
  readonly bytes: number | string | null;
  readonly inputInterface: number;
  readonly outputInterface: number;
  readonly sourceAs: number;
  readonly destinationAs: number;
  readonly exporter: string;
  readonly exporterPort: number | null;
  readonly observationDomainId: number;
  readonly site: string;
}

/** A sorted result that stays as it was while more is collected; pages of it are asked for by row number. */
export interface FlowListOpened extends AnswerNotes {
  readonly list: string;
  /** Rows that were selected. */
  readonly total: number;
  /** Rows that the list holds, the first of the order or the last; fewer than `total` past the list's limit. */
  readonly listed: number;
}

/** Everything that is known of one stored flow. */
export interface FlowDetail {
  readonly flow: FlowRow;
  /** Every exported element by its name, in the exporter's order, in text. */
  readonly elements: readonly { readonly name: string; readonly value: string }[];
  readonly source: { readonly name: string; readonly offset: number | null };
  readonly datagram: {
    readonly version: string;
    readonly sequenceNumber: number;
    readonly exportTimeMs: number;
    readonly receivedMs: number | null;
    readonly sysUpTimeMs: number | null;
  } | null;
}

export interface ConversationQuestion extends FlowSelection {
  readonly by: Measure;
  readonly limit: number;
}

/** Both directions of what two endpoints said to each other. */
export interface Conversation {
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly serverPort: number;
  readonly protocol: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly toServer: Counts;
  readonly toClient: Counts;
  readonly exporters: readonly string[];
  readonly site: string;
  /** Why `client` is taken for the one who opened it, the strongest reason first; empty: a coin's toss. */
  readonly openedBy: readonly ('flags' | 'start' | 'port' | 'first-seen')[];
  /** From 0.5, nothing known, to 1. */
  readonly certainty: number;
}

export interface ConversationAnswer extends AnswerNotes {
  readonly conversations: readonly Conversation[];
  readonly total: number;
}

export interface DistributionAnswer extends AnswerNotes {
  readonly total: Counts;
  /** The classic router's table: one row a protocol and well-known service. */
  readonly protocols: readonly (Counts & {
    readonly name: string;
    readonly flowsPerSecond: number;
    readonly packetsPerFlow: number;
    readonly bytesPerPacket: number;
    readonly packetsPerSecond: number;
    readonly activeSecondsPerFlow: number;
  })[];
  /** Share of packets by mean packet size, upper bounds in bytes; the last has no bound. */
  readonly packetSizes: readonly { readonly upTo: number | null; readonly packets: number }[];
  readonly durations: readonly { readonly upToMs: number | null; readonly flows: number }[];
  readonly flowSizes: readonly { readonly upToPackets: number | null; readonly flows: number }[];
}

export interface HostSummary extends AnswerNotes {
  readonly address: string;
  readonly site: string | null;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly sent: Counts;
  readonly received: Counts;
  readonly peers: number;
  readonly topPeers: readonly TopRow[];
  readonly servicesOffered: readonly TopRow[];
  readonly servicesUsed: readonly TopRow[];
}
