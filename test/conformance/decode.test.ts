import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodeFiles } from '../../core/app/import/decode-files.ts';
import type { NeutralRecord } from '../../core/decode/neutral.ts';
import { parseAddress } from '../../core/model/address.ts';
import { describeShared, sharedPath } from '../support.ts';

interface Case {
  readonly id: string;
  readonly format: string;
  readonly inputs: readonly { readonly file: string }[];
  readonly expected: string;
  readonly expectedSummary: { readonly records: number };
}

/** Cases of each format, counted by hand when the reference data came: none may go missing unseen. */
const counts = { netflow1: 1, netflow5: 8, netflow9: 33, ipfix: 32, ipfixfile: 9, sflow: 19 } as const;

/** Where we decode more than the reference lists, and why. */
const more: Readonly<Record<string, { readonly records: number; readonly because: string }>> = {
  'nf9-graylog-nprobe4': {
    records: 14,
    because: 'data that came before its template is kept and decoded; the reference drops it',
  },
};

describeShared('the decoder against the reference decodings', () => {
  const index = readFileSync(path('index.json'), 'utf8');
  const cases = (JSON.parse(index) as { cases: Case[] }).cases.filter((each) => each.format in counts);

  it('has every case before it', () => {
    const found = Object.groupBy(cases, (each) => each.format);
    expect(Object.fromEntries(Object.entries(found).map(([format, list]) => [format, list?.length]))).toEqual(
      counts,
    );
    expect(cases.reduce((sum, each) => sum + each.expectedSummary.records, 0)).toBe(137_917);
  });

  it.each(cases)('$format $id: every record and every value', (reference) => {
    const { records, faults } = decode(reference);
    expect(faults).toEqual([]);
    const waited = records.filter((record) => record['_waited'] === true);
    expect(waited).toHaveLength(more[reference.id]?.records ?? 0);
    const inTime = records.filter((record) => record['_waited'] !== true);
    const expected = expectedRecords(reference);
    expect(expected).toHaveLength(reference.expectedSummary.records);
    expect(inTime).toHaveLength(expected.length);
    for (const [i, record] of inTime.entries()) {
      const wanted = JSON.stringify(comparable(expected[i] ?? {}));
      // Comparing texts first keeps 130,000 deep comparisons cheap.
      if (JSON.stringify(comparable(record)) !== wanted) {
        expect(comparable(record), `record ${i}`).toEqual(comparable(expected[i] ?? {}));
        expect(Object.keys(record), `order of record ${i}`).toEqual(Object.keys(expected[i] ?? {}));
      }
    }
  });
});

function path(...parts: readonly string[]): string {
  const found = sharedPath('corpus', ...parts);
  if (found === undefined) throw new Error(`no ${parts.join('/')} among the reference data`);
  return found;
}

function decode(reference: Case): { records: NeutralRecord[]; faults: string[] } {
  const records: NeutralRecord[] = [];
  const faults: string[] = [];
  for (const event of decodeFiles(reference.inputs.map((input) => path(input.file)))) {
    if (event.kind === 'records') records.push(...event.records);
    else if (event.kind === 'fault') faults.push(event.error.message);
  }
  return { records, faults };
}

function expectedRecords(reference: Case): NeutralRecord[] {
  const bytes = readFileSync(path(reference.expected));
  const text = (reference.expected.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as NeutralRecord);
}

/** The record without its number (ours counts late records too), addresses in one spelling. */
function comparable(record: NeutralRecord): unknown {
  const { _n, ...rest } = record;
  return spelled(rest);
}

function spelled(value: unknown): unknown {
  if (typeof value === 'string')
    return value.includes(':') ? (parseAddress(value)?.join('.') ?? value) : value;
  if (Array.isArray(value)) return value.map(spelled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spelled(inner)]));
}
