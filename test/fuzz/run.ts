/**
 * All fuzzers in one run: `node test/fuzz/run.ts [COUNT [SEED]]` divides COUNT mutated inputs (10,000,000 where not given)
 * evenly over every protocol of the decoders and every kind of the archive readers, in rounds, and prints figures as JSON
 * lines after each round and at the end. Ends with 1 where an input made something throw, hang or contradict itself.
 */
import { fuzz } from './decode.ts';
import { fuzzArchive, fuzzKinds } from './archive.ts';
import { samples, type SampleKind } from '../build/export-samples.ts';

/** So that a run that is stopped has tried everything. */
const ROUNDS = 20;
/** Nothing that is read here needs more. */
const MAX_RSS_MIB = 1024;

interface Total {
  inputs: number;
  rows: number;
  slowestMs: number;
  faults: number;
}

const [count = '10000000', seed = '1'] = process.argv.slice(2);
const protocols = Object.keys(samples) as SampleKind[];
const share = Math.ceil(Number(count) / (protocols.length + fuzzKinds.length) / ROUNDS);
const totals = new Map<string, Total>();
const started = performance.now();
let peakMiB = 0;

function add(name: string, inputs: number, rows: number, slowestMs: number, faults: readonly string[]): void {
  const total = totals.get(name) ?? { inputs: 0, rows: 0, slowestMs: 0, faults: 0 };
  total.inputs += inputs;
  total.rows += rows;
  total.slowestMs = Math.max(total.slowestMs, slowestMs);
  total.faults += faults.length;
  totals.set(name, total);
  for (const fault of faults.slice(0, 3)) console.log(`${name}: ${fault}`);
  peakMiB = Math.max(peakMiB, process.memoryUsage().rss / 2 ** 20);
}

function fuzzProtocol(kind: SampleKind, roundSeed: number): void {
  try {
    const report = fuzz(kind, roundSeed, share);
    add(kind, share, report.flows + report.options, report.slowestMs, []);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : 'no error';
    add(kind, share, 0, 0, [`seed ${roundSeed}: ${text}`]);
  }
}

function print(): void {
  const all = [...totals.values()];
  const faults = all.reduce((sum, total) => sum + total.faults, 0);
  const summary = {
    inputs: all.reduce((sum, total) => sum + total.inputs, 0),
    rows: all.reduce((sum, total) => sum + total.rows, 0),
    slowestMs: Math.round(Math.max(...all.map((total) => total.slowestMs))),
    faults,
    peakRssMiB: Math.round(peakMiB),
    seconds: Math.round((performance.now() - started) / 1000),
  };
  console.log(JSON.stringify(summary));
  if (faults > 0 || peakMiB > MAX_RSS_MIB) process.exitCode = 1;
}

for (let round = 0; round < ROUNDS; round++) {
  const roundSeed = Number(seed) * 1000 + round;
  for (const kind of protocols) fuzzProtocol(kind, roundSeed);
  for (const kind of fuzzKinds) {
    const { rows, slowestMs, faults } = fuzzArchive(kind, share, roundSeed);
    add(kind, share, rows, slowestMs, faults);
  }
  print();
}
for (const [kind, total] of totals) console.log(JSON.stringify({ kind, ...total }));
