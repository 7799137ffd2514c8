/** Rows of the sweep as figures, as a table, and against the gates. */
import { CPF_VERDICT, PROMISES, type Tail, type Tally } from './traceback-measure.ts';
import type { SweepRow } from './traceback-rows.ts';

export interface RowSummary {
  readonly name: string;
  readonly chains: number;
  /** Neighbouring hops, and pairs that belong to no chain. */
  readonly truePairs: number;
  readonly falsePairs: number;
  /** True-positive rates at false-positive rates of 1e-3 and 1e-5, ours and plain CPF's. */
  readonly atThousandth: Rates | null;
  readonly atHundredThousandth: Rates | null;
  /** At an E-value of 0.01: the rate at which true pairs are found. */
  readonly found: number | null;
  /** False pairs at each of `PROMISES`, and how many that E-value allows. */
  readonly falseHits: readonly number[];
  readonly promisedHits: readonly number[];
  /** CPF above 0.8: true pairs found, and false ones. */
  readonly cpfVerdict: Rates | null;
  /** Chains named exactly. */
  readonly exact: Rates;
  readonly falseHops: number;
  readonly promisedHops: number;
  readonly refusedPairs: number;
  readonly refusedChains: number;
  readonly programPairs: number;
  readonly programHits: number;
  readonly programCpf: number;
  readonly connectionsAWorld: number;
  readonly microsecondsAPair: number | null;
  readonly msATrace: number;
  readonly peakMegabytes: number;
}

interface Rates {
  readonly ours: number;
  readonly cpf: number;
}

export function summarise({ name, pairs, options }: SweepRow, tally: Tally): RowSummary {
  const { negatives, positives } = tally;
  const truePairs = positives.length;
  const falsePairs = negatives.ours.total;
  const rate = (tail: Tail, which: 'ours' | 'cpf', falseRate: number): number => {
    const least = tail.threshold(falseRate);
    return positives.filter((pair) => pair[which] > least).length / truePairs;
  };
  const rates = (falseRate: number): Rates => ({
    ours: rate(negatives.ours, 'ours', falseRate),
    cpf: rate(negatives.cpf, 'cpf', falseRate),
  });
  const scored = pairs && truePairs > 0;
  return {
    name,
    chains: tally.chains,
    truePairs,
    falsePairs,
    atThousandth: scored ? rates(1e-3) : null,
    atHundredThousandth: scored ? rates(1e-5) : null,
    found: scored ? positives.filter(({ found }) => found).length / truePairs : null,
    falseHits: tally.falseHits,
    promisedHits: tally.promisedHits,
    cpfVerdict: scored
      ? {
          ours: positives.filter(({ cpf }) => cpf > CPF_VERDICT).length / truePairs,
          cpf: tally.cpfFalse / falsePairs,
        }
      : null,
    exact: { ours: tally.exact / tally.chains, cpf: tally.cpfExact / tally.chains },
    falseHops: tally.falseHops,
    promisedHops: tally.promisedHops,
    refusedPairs: scored ? tally.refusedPairs / truePairs : 0,
    refusedChains: tally.refusedChains / tally.chains,
    programPairs: tally.programPairs,
    programHits: tally.programHits,
    programCpf: tally.programCpf,
    connectionsAWorld: (tally.connections * options.chains) / tally.chains,
    microsecondsAPair: falsePairs > 0 ? (tally.pairMs * 1000) / (falsePairs + truePairs) : null,
    msATrace: tally.traceMs / tally.chains,
    peakMegabytes: tally.peakBytes / 2 ** 20,
  };
}

const columns = [
  'row',
  'chains',
  'false pairs',
  'TPR at 1e-3, CPF',
  'TPR at 1e-5, CPF',
  'found at E 0.01',
  'false at E 0.01 (promised)',
  'false at E 1 (promised)',
  'CPF > 0.8: TPR, FPR',
  'chain exact, CPF',
  'false hops (promised)',
  'pairs, chains refused',
  'µs a pair, ms a trace',
  'MB',
];

export const tableHead = (): string => `${line(columns)}${line(columns.map(() => '---'))}`;

export function renderRow(row: RowSummary): string {
  const last = PROMISES.length - 1;
  const dash = '-';
  const hits = (p: number): string =>
    row.falsePairs > 0 ? `${row.falseHits[p]} (${row.promisedHits[p]?.toFixed(0)})` : dash;
  return line([
    row.name,
    `${row.chains}`,
    row.falsePairs > 0 ? row.falsePairs.toExponential(1) : dash,
    row.atThousandth ? both(row.atThousandth) : dash,
    row.atHundredThousandth ? both(row.atHundredThousandth) : dash,
    row.found === null ? dash : percent(row.found),
    hits(0),
    hits(last),
    row.cpfVerdict ? `${percent(row.cpfVerdict.ours)}, ${percent(row.cpfVerdict.cpf, 2)}` : dash,
    both(row.exact),
    `${row.falseHops} (${row.promisedHops.toFixed(1)})`,
    `${percent(row.refusedPairs)}, ${percent(row.refusedChains)}`,
    `${row.microsecondsAPair?.toFixed(0) ?? dash}, ${row.msATrace.toFixed(0)}`,
    row.peakMegabytes.toFixed(0),
  ]);
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
const percent = (rate: number, digits = 0): string => `${(rate * 100).toFixed(digits)} %`;
const both = ({ ours, cpf }: Rates): string => `${percent(ours)}, ${percent(cpf)}`;

export interface Gate {
  readonly text: string;
  readonly holds: boolean;
}

/** The gates that these rows decide. */
export function judgeGates(rows: readonly RowSummary[]): Gate[] {
  const gates: Gate[] = [];
  const named = (text: string): RowSummary[] => rows.filter(({ name }) => name.includes(text));
  for (const { atThousandth, atHundredThousandth } of rows.filter(({ name }) => name === 'clean')) {
    for (const rates of [atThousandth, atHundredThousandth]) {
      if (rates)
        gates.push({ text: `clean: at least CPF's (${both(rates)})`, holds: rates.ours >= rates.cpf });
    }
  }
  for (const { name, atHundredThousandth } of named('lost 5 %')) {
    const found = atHundredThousandth?.ours ?? 0;
    gates.push({ text: `${name}: TPR at 1e-5 of 0.95 or more (${found.toFixed(3)})`, holds: found >= 0.95 });
  }
  const programPairs = rows.reduce((sum, row) => sum + row.programPairs, 0);
  const programHits = rows.reduce((sum, row) => sum + row.programHits, 0);
  const programCpf = rows.reduce((sum, row) => sum + row.programCpf, 0);
  if (programPairs > 0) {
    gates.push({
      text: `pairs of programs at E 0.01: FPR of 1e-4 or less (${programHits} of ${programPairs}; CPF > 0.8 takes ${programCpf})`,
      holds: programHits / programPairs <= 1e-4,
    });
  }
  for (const [p, promise] of PROMISES.entries()) {
    const sum = (values: readonly (readonly number[])[]): number =>
      values.reduce((total, value) => total + (value[p] ?? 0), 0);
    const [seen, promised] = [
      sum(rows.map(({ falseHits }) => falseHits)),
      sum(rows.map(({ promisedHits }) => promisedHits)),
    ];
    gates.push({
      text: `false pairs at E ${promise}: at most twice the promise (${seen}, promised ${promised.toFixed(0)})`,
      holds: seen <= 2 * promised,
    });
  }
  return gates;
}
