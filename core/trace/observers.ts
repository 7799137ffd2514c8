/** The exporters as witnesses: whose records these are, at which site, how their clocks run, and what was lost. */
import { exporterKey, NO_DATAGRAM, type Exporter, type SitedBatch } from '../model/flow-batch.ts';
import {
  fitClock,
  hasWholeSecondHeaders,
  headerCorrections,
  replayOffset,
  withoutNoise,
  type ClockFit,
} from './clock.ts';
import { findLoss, type Loss } from './loss.ts';

export interface Observer {
  readonly exporter: Exporter;
  readonly site: string;
  /** How its clock ran against the others; already taken off its records' times. */
  clock: ClockFit;
  /** Arrival times tie its clock to the collector's, or shared flows tie it to other exporters' (align.ts). */
  clockTied: 'arrival-times' | 'shared-flows' | null;
  /** True where its flows came with datagram headers, whose sequence numbers tell of loss. */
  readonly hasHeaders: boolean;
  readonly loss: Loss;
  /** One packet in this many was counted; 1 where nothing says that it sampled. */
  readonly samplingInterval: number;
  /** Standard error of a record's time, ms. */
  readonly timingErrorMs: number;
  /** Estimated from its records (see timeouts.ts), ms. */
  inactiveTimeoutMs: number;
}

/** Observers, and for every batch what to do with its rows. */
export interface Witnesses {
  readonly observers: Observer[];
  /** For batch b, `observerOf[b][e]` is the observer of the batch's exporter e. */
  readonly observerOf: readonly Uint32Array[];
  /** For batch b, milliseconds to add to the times of the rows of its datagram d (clock offset not included). */
  readonly corrections: readonly Float64Array[];
}

/** Times carried by archives without datagram headers: a v9 second may be in them, and nothing tells. */
const ARCHIVE_TIMING_ERROR_MS = 500;
const HEADER_TIMING_ERROR_MS = 70;

interface DatagramReference {
  readonly batch: number;
  readonly index: number;
}

/** Reads exporters and datagram headers of all batches. */
export function findWitnesses(batches: readonly SitedBatch[]): Witnesses {
  const index = new Map<string, number>();
  const exporters: { exporter: Exporter; site: string; datagrams: DatagramReference[] }[] = [];
  const observerOf = batches.map((batch) =>
    Uint32Array.from(batch.exporters, (exporter, e) => {
      const site = batch.sites[e] ?? exporter.address;
      const key = `${exporterKey(exporter)}@${site}`;
      let known = index.get(key);
      if (known === undefined) {
        known = exporters.push({ exporter, site, datagrams: [] }) - 1;
        index.set(key, known);
      }
      return known;
    }),
  );
  for (const [b, batch] of batches.entries()) {
    for (const [d, datagram] of batch.datagrams.entries()) {
      exporters[observerOf[b]?.[datagram.exporter] ?? 0]?.datagrams.push({ batch: b, index: d });
    }
  }
  const corrections = batches.map((batch) => new Float64Array(batch.datagrams.length));
  const flowCounts = batches.map(countFlows);
  const sampling = findSampling(batches, observerOf);
  const heard = exporters.map(({ exporter, site, datagrams }) => {
    const header = (reference: DatagramReference) => batches[reference.batch]?.datagrams[reference.index];
    const ordered = datagrams.toSorted((a, b) => {
      const [one, other] = [header(a), header(b)];
      return (
        (one?.exportTime ?? 0) - (other?.exportTime ?? 0) ||
        (one?.sequenceNumber ?? 0) - (other?.sequenceNumber ?? 0)
      );
    });
    const headers = ordered.map((reference) => header(reference));
    const times = {
      exportMs: Float64Array.from(headers, (h) => h?.exportTime ?? 0),
      sysUpTimeMs: Float64Array.from(headers, (h) => h?.sysUpTime ?? Number.NaN),
      receivedMs: Float64Array.from(headers, (h) => h?.received ?? Number.NaN),
    };
    const shifts = headerCorrections(times);
    for (const [i, reference] of ordered.entries()) {
      const target = corrections[reference.batch];
      if (target) target[reference.index] = shifts[i] ?? 0;
    }
    return { exporter, site, ordered, headers, times, shifts, fit: fitClock(times, shifts) };
  });
  const common = replayOffset(heard.map(({ fit }) => fit?.aheadMs));
  const observers = heard.map(({ exporter, site, ordered, headers, times, shifts, fit }, number) => {
    const clock = { ...unknownClock, ...fit, aheadMs: withoutNoise((fit?.aheadMs ?? common) - common) };
    const loss = findLoss({
      version: Uint16Array.from(headers, (h) => h?.version ?? 0),
      sequence: Float64Array.from(headers, (h) => h?.sequenceNumber ?? 0),
      records: Float64Array.from(headers, (h) => h?.records ?? 0),
      flows: Float64Array.from(ordered, ({ batch, index }) => flowCounts[batch]?.[index] ?? 0),
      exportMs: times.exportMs.map((time, i) => correctTime(clock, time + (shifts[i] ?? 0))),
    });
    return {
      exporter,
      site,
      clock,
      clockTied: fit ? ('arrival-times' as const) : null,
      hasHeaders: ordered.length > 0,
      loss,
      samplingInterval: sampling.get(number) ?? 1,
      timingErrorMs: timingError(ordered.length, hasWholeSecondHeaders(times)),
      inactiveTimeoutMs: 0,
    };
  });
  return { observers, observerOf, corrections };
}

/** A clock that nothing is known of. */
const unknownClock: ClockFit = {
  aheadMs: 0,
  drift: 0,
  centreMs: 0,
  aheadErrorMs: null,
  driftError: null,
  observations: 0,
};

/** A time as the exporter told it, by the clock that all are compared with. */
export const correctTime = ({ aheadMs, drift, centreMs }: ClockFit, time: number): number =>
  time - aheadMs - drift * (time - centreMs);

function timingError(datagrams: number, wholeSeconds: boolean): number {
  if (datagrams === 0) return ARCHIVE_TIMING_ERROR_MS;
  return wholeSeconds ? HEADER_TIMING_ERROR_MS : 1;
}

/** Flows of each datagram of a batch. */
function countFlows({ count, columns, datagrams }: SitedBatch): Uint32Array {
  const counts = new Uint32Array(datagrams.length);
  for (let row = 0; row < count; row++) {
    const datagram = columns.datagram[row] ?? NO_DATAGRAM;
    if (datagram < counts.length) counts[datagram] = (counts[datagram] ?? 0) + 1;
  }
  return counts;
}

/** Elements in which a record may say how its packets were sampled (IPFIX 34, 50, 305), or its exporter's options did. */
export const SAMPLING_ELEMENTS = [
  'samplingInterval',
  'samplerRandomInterval',
  'samplingPacketInterval',
  '_samplingInterval',
];

/** The coarsest sampling that each observer's records tell of. */
function findSampling(
  batches: readonly SitedBatch[],
  observerOf: readonly Uint32Array[],
): Map<number, number> {
  const found = new Map<number, number>();
  for (const [b, { columns, extras }] of batches.entries()) {
    for (const name of SAMPLING_ELEMENTS) {
      const extra = extras.get(name);
      for (const [k, row] of (extra?.rows ?? []).entries()) {
        const interval = Number(extra?.values[k]);
        const observer = observerOf[b]?.[columns.exporter[row] ?? 0] ?? 0;
        if (interval > (found.get(observer) ?? 1)) found.set(observer, interval);
      }
    }
  }
  return found;
}
