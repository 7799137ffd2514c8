/** Sums and distinct addresses by country, against loops over the same rows, and through the contract. */
import { describe, expect, it } from 'vitest';
import type { CountrySide } from '../../core/model/place.ts';
import { countriesKernel } from '../../core/query/countries.ts';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';
import { help as plainHelp, runKernel } from '../query/run-kernel.ts';

/** By the second byte of the address: none for 0. */
const codes = ['', 'DE', 'KR', 'US', 'BR'];
const countryOf = (address: Uint8Array): string => codes[address[1] ?? 0] ?? '';
const help = { ...plainHelp, countryOf };

const rows: FlowRow[] = [];
let seed = 11;
const next = (below: number): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 8) % below;
};
for (let i = 0; i < 3000; i++) {
  const address = (): string => `7.${next(5)}.${next(3)}.${next(40)}`;
  rows.push({
    source: address(),
    ...(i % 97 === 0 ? {} : { destination: address() }),
    octetDeltaCount: next(5000),
    packetDeltaCount: next(50),
    protocolIdentifier: 6,
  });
}
const sited = (part: readonly FlowRow[]): ReturnType<typeof buildBatch> & { sites: string[] } => {
  const batch = buildBatch(part);
  return Object.assign(batch, { sites: batch.exporters.map(() => 'here') });
};
const batches = [rows.slice(0, 1000), rows.slice(1000, 1001), rows.slice(1001)].map(sited);

interface Sums {
  flows: number;
  packets: number;
  bytes: number;
  seen: Set<string>;
}

/** The same by a loop over the rows as they were written. */
function expected(side: CountrySide): Record<string, unknown> {
  const sums = new Map<string, Sums>();
  const of = (country: string): Sums => {
    const known = sums.get(country) ?? { flows: 0, packets: 0, bytes: 0, seen: new Set<string>() };
    sums.set(country, known);
    return known;
  };
  const countryOfText = (text: string | undefined): string => codes[Number(text?.split('.')[1] ?? 0)] ?? '';
  for (const { source, destination, packetDeltaCount = 0, octetDeltaCount = 0 } of rows) {
    const ends =
      side === 'source' ? [source] : side === 'destination' ? [destination] : [source, destination];
    for (const end of ends) if (end !== undefined) of(countryOfText(end)).seen.add(end);
    for (const country of new Set(ends.map(countryOfText))) {
      const sum = of(country);
      sum.flows++;
      sum.packets += packetDeltaCount;
      sum.bytes += octetDeltaCount;
    }
  }
  return Object.fromEntries(
    [...sums].map(([country, { seen, ...counts }]) => [
      country,
      { country, ...counts, addresses: seen.size },
    ]),
  );
}

describe('sums by country', () => {
  it.each(['source', 'destination', 'any'] as const)(
    'of the side "%s" are those of a loop over the rows',
    (side) => {
      const { answer } = runKernel(countriesKernel, { side }, batches, { help });
      expect(Object.fromEntries(answer.rows.map((row) => [row.country, row]))).toEqual(expected(side));
      expect(answer.total.flows).toBe(3000);
    },
  );

  it('are the same when several threads share the work', () => {
    const whole = runKernel(countriesKernel, { side: 'any' }, batches, { help });
    const shared = runKernel(countriesKernel, { side: 'any' }, batches, { help, shares: [[2], [0, 1], []] });
    expect(shared.answer).toEqual(whole.answer);
  });

  it('begin with the most flows', () => {
    const { answer } = runKernel(countriesKernel, { side: 'any' }, batches, { help });
    const flows = answer.rows.map((row) => row.flows);
    expect(flows).toEqual(flows.toSorted((a, b) => b - a));
  });

  it('of nothing are empty', () => {
    const { answer } = runKernel(countriesKernel, { side: 'any' }, [], { help });
    expect(answer).toEqual({ rows: [], total: { flows: 0, packets: 0, bytes: 0 } });
  });

  it('are refused where no database is there', () => {
    expect(() => runKernel(countriesKernel, { side: 'any' }, batches)).toThrow(
      'no database of places is installed',
    );
  });
});
