/** Every flow-tools file of the reference corpus: every record, every value. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { read } from '../archive/run.ts';
import { describeShared, sharedPath } from '../support.ts';

interface Case {
  readonly id: string;
  readonly format: string;
  readonly inputs: readonly { readonly file: string }[];
  readonly expected: string;
  readonly expectedSummary: { readonly records: number };
  readonly header: { readonly flowVersion: number };
}

describeShared('the flow-tools files of the reference corpus', () => {
  const corpus = sharedPath('corpus') ?? '';
  const index = JSON.parse(readFileSync(join(corpus, 'index.json'), 'utf8')) as { cases: Case[] };
  const cases = index.cases.filter(({ format }) => format === 'flow-tools');

  it('are seven, one of them of NetFlow v8', () => {
    expect(cases.length).toBe(7);
    expect(cases.filter(({ header }) => header.flowVersion === 8).length).toBe(1);
  });

  it.each(cases.filter(({ header }) => header.flowVersion !== 8))('$id: every value', (one) => {
    const { records, issues, summary } = read(readFileSync(join(corpus, one.inputs[0]?.file ?? '')));
    const reference = readFileSync(join(corpus, one.expected), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
    expect(reference.length).toBe(one.expectedSummary.records);
    expect(records).toEqual(reference);
    const corrupt = one.id.includes('corrupt');
    expect(issues.map(({ code }) => code)).toEqual(corrupt ? ['truncated'] : []);
    expect(summary.brokeAt).toBe(corrupt ? 10_240 : null);
  });

  it.each(cases.filter(({ header }) => header.flowVersion === 8))(
    '$id: aggregates, which the reference does not decode',
    (one) => {
      const { records, issues } = read(readFileSync(join(corpus, one.inputs[0]?.file ?? '')));
      expect(one.expectedSummary.records).toBe(0);
      expect(issues).toEqual([]);
      expect(records.length).toBe(100);
      expect(new Set(records.map((record) => record['_kind']))).toEqual(new Set(['aggregate']));
      // flow-gen counts up: the n-th record has n packets and n octets, from AS n - 1.
      for (const [n, record] of records.entries()) {
        expect(record).toMatchObject({
          _aggregation: 'as',
          packetDeltaCount: n + 1,
          octetDeltaCount: n + 1,
          bgpSourceAsNumber: n,
          ingressInterface: n,
        });
      }
    },
  );
});
