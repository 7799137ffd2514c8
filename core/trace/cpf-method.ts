/**
 * The published way to trace back over NetFlow, as it stands: for comparison, and for those who must reproduce it.
 *
 * A connection's fingerprint is its first ON time followed by pairs of OFF and ON times (US patent 10,264,004, claim 1,
 * from the work of 2015). Two fingerprints are compared position by position by the correlation point function
 * sum min / sum max (Wang, Reeves & Wu 2002), and above 0.8 they lie on one chain. Candidates are ranked by the
 * coefficient of variation of their durations over the target's; the chain is put in order by the time of opening. Each
 * 5-tuple stands alone, as one exporter saw it: no lag is corrected, no lost record is allowed for, no view is joined.
 */
import type { SitedBatch } from '../model/flow-batch.ts';
import type { CpfCandidate, CpfTrace } from '../model/cpf-trace.ts';
import type { Question } from '../model/trace-question.ts';
import type { Connection } from './connection-table.ts';
import { correlationPointFunction, durations } from './cpf.ts';
import type { Observer } from './observers.ts';
import { connectionsFor, findMeant } from './question.ts';
import { gatherRecords, type Records } from './records.ts';
import { fingerprint } from './silences.ts';
import { estimateTimeouts } from './timeouts.ts';
import { showConnection } from './views.ts';

const CPF_THRESHOLD = 0.8;
/** Connections that are not of the chain and are listed all the same: those with the highest CPF. */
const UNRELATED_SHOWN = 500;

/** Traces by CPF alone. Throws ApiError as `traceBack` does. */
export function traceByCpf(batches: readonly SitedBatch[], question: Question): CpfTrace {
  const gathered = gatherRecords(batches);
  const { records, observers } = gathered;
  const connections = connectionsFor(gathered, question);
  const meant = findMeant(gathered, connections, question).map((id) => connections.at(id));
  estimateTimeouts(records, connections, observers);
  const target = meant.reduce((a, b) => (countRecords(b) > countRecords(a) ? b : a));
  const own = publishedFingerprint(records, observers, target);
  const { start, end } = connections;
  const living: Connection[] = [];
  for (let id = 0; id < connections.count; id++) {
    if (id === target.id || (start[id] ?? 0) > target.end || (end[id] ?? 0) < target.start) continue;
    living.push(connections.at(id));
  }
  const compared = living.map((connection) => {
    const other = publishedFingerprint(records, observers, connection);
    const cpf = correlationPointFunction(own, other);
    return { connection, other, cpf, cv: ratioVariation(own, other) };
  });
  const onChain = compared.filter(({ cpf }) => cpf > CPF_THRESHOLD);
  const rest = compared
    .filter(({ cpf }) => cpf <= CPF_THRESHOLD)
    .sort((a, b) => b.cpf - a.cpf)
    .slice(0, UNRELATED_SHOWN);
  const show = ({ connection, other, cpf, cv }: (typeof compared)[number]): CpfCandidate => ({
    connection: showConnection(gathered, connection),
    cpf,
    cv,
    positions: Math.min(own.length, other.length),
    opensBeforeMs: target.start - connection.start,
    verdict: cpf > CPF_THRESHOLD ? 'same-chain' : 'unrelated',
    fingerprint: [...other],
  });
  const byCv = (a: { cv: number | null }, b: { cv: number | null }): number =>
    (a.cv ?? Number.POSITIVE_INFINITY) - (b.cv ?? Number.POSITIVE_INFINITY) || 0;
  return {
    method: 'cpf',
    threshold: CPF_THRESHOLD,
    target: showConnection(gathered, target),
    fingerprint: [...own],
    candidates: [...onChain.sort(byCv), ...rest.sort(byCv)].map(show),
    chain: [target, ...onChain.map(({ connection }) => connection)]
      .sort((a, b) => a.start - b.start)
      .map((connection) => showConnection(gathered, connection)),
    compared: compared.length,
    notes: describeMethod(meant.length, own.length),
  };
}

/** ON and OFF durations by the exporter that has most records of the connection. */
function publishedFingerprint(
  records: Records,
  observers: readonly Observer[],
  { observations }: Connection,
): Float64Array {
  const most = observations.reduce((a, b) => (b.records.length > a.records.length ? b : a));
  return durations(fingerprint(records, [most], observers));
}

const countRecords = ({ observations }: Connection): number =>
  observations.reduce((most, { records }) => Math.max(most, records.length), 0);

/**
 * Standard deviation over mean (of the population) of g_i / f_i, over the positions at which f has a duration; null where
 * fewer than two positions, or a mean of 0, leave nothing to say.
 */
export function ratioVariation(f: Float64Array, g: Float64Array): number | null {
  const ratios: number[] = [];
  for (let i = 0; i < Math.min(f.length, g.length); i++) {
    if ((f[i] ?? 0) > 0) ratios.push((g[i] ?? 0) / (f[i] ?? 1));
  }
  if (ratios.length < 2) return null;
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / ratios.length;
  return mean > 0 ? Math.sqrt(variance) / mean : null;
}

function describeMethod(meant: number, length: number): string[] {
  return [
    'This is the published method, for comparison: it names every connection whose CPF is above 0.8. It allows for no lost record, no difference between timeouts and no rhythm, gives no measure of chance, and cannot tell two beacons of one period apart.',
    ...(length < 3
      ? [
          "The target was never silent for longer than its exporter's idle timeout: its fingerprint is one ON time, which resembles every connection of that length.",
        ]
      : []),
    ...(meant > 1
      ? [
          `${meant} connections could be meant; the one with most records was taken. Naming the peer that the victim saw takes another.`,
        ]
      : []),
  ];
}
