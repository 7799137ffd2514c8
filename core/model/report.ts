/**
 * A report as plain data: what stands in it, in the order in which it is read. The PDF, the CSV files and the JSON are all
 * made of this and of nothing else, so that no number can differ between them.
 *
 * Values are raw (epoch ms, bytes, shares from 0 to 1); whoever shows them gives them their form.
 */

export type PaperSize = 'a4' | 'letter';

/**
 * What the values of a column are. `address`: in the fixed-width face. `hash`: so
 * too, in one line. `share`: 0 to 1. `time`: epoch ms. `change`: a
 * difference, with its sign. `milliseconds`: a duration.
 */
export type ReportColumnKind =
  'text' | 'address' | 'hash' | 'count' | 'bytes' | 'share' | 'time' | 'change' | 'number' | 'milliseconds';

export interface ReportColumn {
  /** Name of the field in CSV and JSON. */
  readonly key: string;
  readonly title: string;
  readonly kind: ReportColumnKind;
  /** Its part of the table's width beside the others'; 1 where it is absent. */
  readonly weight?: number | undefined;
}

export type ReportValue = string | number | null;

export interface ReportTable {
  /** Names its file: `top-talkers-by-bytes`. Unique in a report. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly ReportValue[])[];
  /** Rows that the document shows, the first; the files have all. Absent: all. */
  readonly shown?: number | undefined;
  /** Narrow rows that stand in two halves beside each other. */
  readonly halves?: true;
  /** Said in place of a table without rows. */
  readonly empty: string;
}

/** One of the figures that head a report. */
export interface ReportFigure {
  readonly label: string;
  readonly value: ReportValue;
  readonly kind: ReportColumnKind;
  /** What it is compared with, in words; empty where it is not. */
  readonly note: string;
}

/** Bars over time, stacked; all series have as many values as there are labels. */
export interface ReportBars {
  readonly title: string;
  readonly kind: 'bytes' | 'count';
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** Bars of which nothing is known, by index. */
  readonly missing: readonly number[];
}

/** A hop of a traced path, for the diagram. */
export interface ReportHop {
  readonly inferred: boolean;
  readonly from: string;
  readonly to: string;
  /** Where its ends stand, as far as it is known; empty where it is not. */
  readonly fromPlace: string;
  readonly toPlace: string;
  /** `TCP 41022 to 22`, by views. */
  readonly label: string;
  /** Strength towards the next hop; null on the last. */
  readonly scoreNats: number | null;
}

/** A point of the map. `exact` is false where only the country is known. */
export interface ReportPoint {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly exact: boolean;
  /** Kilometres; null where the database does not say. */
  readonly accuracyKm: number | null;
}

/** A row of a chart over time: spans of activity and windows in which records may be lost, flat pairs of epoch ms. */
export interface ReportStrip {
  readonly label: string;
  readonly role: 'target' | 'hop' | 'twin';
  readonly spans: readonly number[];
  readonly lossy: readonly number[];
}

/** Two fingerprints under each other, with what agrees between them. */
export interface ReportFingerprint {
  readonly title: string;
  readonly upstream: ReportStrip;
  readonly downstream: ReportStrip;
  /** From the downstream's time to the upstream's. */
  readonly lagMs: number;
  /** Boundaries that agree: the time upstream and downstream, epoch ms. */
  readonly matches: readonly (readonly [upstreamMs: number, downstreamMs: number])[];
  /** Boundaries of either side that were compared and found no partner. */
  readonly unmatchedUpstream: readonly number[];
  readonly unmatchedDownstream: readonly number[];
}

export type ReportBlock =
  | { readonly kind: 'text'; readonly text: string }
  /** Sentences that stand each for itself. */
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** What the reader must not overlook. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'figures'; readonly figures: readonly ReportFigure[] }
  | { readonly kind: 'table'; readonly table: ReportTable }
  | { readonly kind: 'bars'; readonly bars: ReportBars }
  | { readonly kind: 'path'; readonly hops: readonly ReportHop[] }
  | {
      readonly kind: 'map';
      readonly points: readonly ReportPoint[];
      /** Pairs of indices into `points`, in hop order. */
      readonly legs: readonly (readonly [from: number, to: number])[];
      readonly caption: string;
    }
  | { readonly kind: 'gantt'; readonly title: string; readonly strips: readonly ReportStrip[] }
  | { readonly kind: 'fingerprint'; readonly fingerprint: ReportFingerprint }
  /** A command or another text that is copied letter by letter. */
  | { readonly kind: 'command'; readonly text: string };

export interface ReportSection {
  /** Names it where sections are chosen: `talkers`, `completeness`. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

export interface Report {
  readonly what: 'month' | 'trace' | 'case';
  /** `November 2026`, `Trace of a login to 10.0.0.5:22`. */
  readonly title: string;
  /** What was asked, and the answer in a sentence or two. */
  readonly question: string;
  readonly answer: string;
  /** Epoch ms. */
  readonly generatedMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** The store's own name, not its path. */
  readonly store: string;
  /** `backtrail 0.1.0` */
  readonly program: string;
  readonly sections: readonly ReportSection[];
}

/** Every table of a report, in its order. */
export function tablesOf(report: Report): ReportTable[] {
  return report.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : [])),
  );
}

/** The sections of a monthly report that can be left out, in their order. */
export const monthSections = [
  { id: 'days', title: 'Traffic by day' },
  { id: 'services', title: 'Protocols and services' },
  { id: 'talkers', title: 'Top talkers' },
  { id: 'geography', title: 'Countries and autonomous systems' },
  { id: 'exporters', title: 'Exporters, their health and loss' },
  { id: 'changes', title: 'What changed since the month before' },
  { id: 'traces', title: 'Traces kept in cases' },
  { id: 'hosts', title: 'Notable hosts' },
  { id: 'completeness', title: 'How complete the data are' },
] as const;

export type MonthSectionId = (typeof monthSections)[number]['id'];
