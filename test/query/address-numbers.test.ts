import { describe, expect, it } from 'vitest';
import { AddressTableBuilder, formatAddress, parseAddress } from '../../core/model/address.ts';
import { FlowBatchBuilder, type SitedBatch } from '../../core/model/flow-batch.ts';
import type { TopAnswer, TopQuestion } from '../../core/model/query.ts';
import { AddressNumbers, type NumberedCodes } from '../../core/query/address-numbers.ts';
import { topKernel, type TopPartial } from '../../core/query/top.ts';
import { seededRandom } from '../build/flow-chunks.ts';
import { help } from './run-kernel.ts';

const bytesOf = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array(0);

const tableOf = (texts: readonly string[]) => {
  const builder = new AddressTableBuilder();
  for (const text of texts) builder.intern(bytesOf(text));
  return builder.finish();
};

/** The address of a number, as text. */
function textOf(numbers: AddressNumbers, number: number): string {
  const words = new Uint32Array(4);
  numbers.write(number, words, 0);
  const bytes = new Uint8Array(16);
  for (const [i, word] of words.entries()) new DataView(bytes.buffer).setUint32(4 * i, word);
  const family = numbers.family(number);
  return family === 0 ? '' : formatAddress(bytes, 0, family === 4 ? 4 : 16);
}

const lists = [
  ['192.0.2.7', '10.0.0.1', '2001:db8::2', '255.255.255.255', '2001:db8::1'],
  [],
  ['10.0.0.2', '2001:db8::1', '10.0.0.1', '0.0.0.1'],
  ['128.0.0.1', '127.255.255.255', 'ff02::1', '2001:db8::2'],
];

describe('numbers of addresses', () => {
  it('are the same for the same address in every table, and give it again', () => {
    const numbers = new AddressNumbers();
    const seen = new Map<number, string>();
    for (const list of [...lists, ...lists]) {
      for (const [code, number] of (numbers.numberAll(tableOf(list)) ?? []).entries()) {
        const text = code === 0 ? '' : (list[code - 1] ?? 'none');
        expect(textOf(numbers, number)).toBe(text);
        expect(seen.get(number) ?? text).toBe(text);
        seen.set(number, text);
      }
    }
    expect(seen.size).toBe(new Set(lists.flat()).size + 1);
    expect(numbers.count).toBe(seen.size);
  });

  it('are in the order of their addresses on request', () => {
    const numbers = new AddressNumbers();
    for (const list of lists) numbers.numberAll(tableOf(list));
    expect(Array.from(numbers.inOrder(), (number) => textOf(numbers, number))).toEqual([
      '',
      '0.0.0.1',
      '10.0.0.1',
      '10.0.0.2',
      '127.255.255.255',
      '128.0.0.1',
      '192.0.2.7',
      '255.255.255.255',
      '2001:db8::1',
      '2001:db8::2',
      'ff02::1',
    ]);
  });

  it('are not given past the limit, and those given before hold', () => {
    const numbers = new AddressNumbers(4);
    expect(numbers.numberAll(tableOf(['10.0.0.1', '10.0.0.2']))).toBeDefined();
    expect(numbers.numberAll(tableOf(['10.0.0.3', '10.0.0.4']))).toBeUndefined();
    expect(numbers.numberAll(tableOf(['2001:db8::1', '2001:db8::2']))).toBeUndefined();
    expect(numbers.numberAll(tableOf(['10.0.0.2', '10.0.0.1']))).toHaveLength(3);
  });

  it('are given to very many addresses of both families', () => {
    const random = seededRandom(5);
    const numbers = new AddressNumbers();
    const all = new Set<string>();
    for (let table = 0; table < 20; table++) {
      const builder = new AddressTableBuilder();
      for (let i = 0; i < 2000; i++) {
        const address = new Uint8Array(i % 4 === 0 ? 16 : 4);
        for (let at = 0; at < 3; at++) address[address.length - 1 - at] = random() % 24;
        builder.intern(address);
        all.add(formatAddress(address));
      }
      const made = builder.finish();
      const numbered = numbers.numberAll(made);
      const texts = Array.from(numbered ?? [], (number) => textOf(numbers, number));
      expect(texts).toEqual(Array.from({ length: made.count }, (_, code) => made.text(code)));
    }
    expect(numbers.count).toBe(all.size + 1);
  });
});

/** Flows among few addresses of both families, some without any. */
function makeBatch(seed: number): SitedBatch {
  const random = seededRandom(seed);
  const builder = new FlowBatchBuilder();
  for (let i = 0; i < 300; i++) {
    const row = builder.beginRow();
    const { columns } = builder;
    const code = (): number => {
      const host = random() % 40;
      if (host === 0) return 0;
      return builder.addresses.intern(bytesOf(host < 30 ? `10.0.${seed % 2}.${host}` : `2001:db8::${host}`));
    };
    columns.sourceAddress[row] = code();
    columns.destinationAddress[row] = code();
    columns.sourceTransportPort[row] = [0, 22, 53, 443, 65_535][random() % 5] ?? 0;
    columns.destinationTransportPort[row] = [0, 22, 53, 443, 65_535][random() % 5] ?? 0;
    columns.packetDeltaCount[row] = 1 + (random() % 9);
    columns.octetDeltaCount[row] = random() % 5000;
    columns.flowStartMilliseconds[row] = 1_000_000 + (random() % 5000);
    columns.flowEndMilliseconds[row] = 1_005_000 + (random() % 5000);
  }
  const batch = builder.finish();
  return { ...batch, sites: batch.exporters.map(() => '') };
}

describe('the largest addresses', () => {
  const batches = [1, 2, 3, 4, 5].map(makeBatch);

  /** Two threads; each numbers addresses up to the limit, and goes on without numbers where there are more. */
  function ask(question: TopQuestion, limit: number | undefined, rows?: Uint32Array): TopAnswer | undefined {
    const partials: TopPartial[] = [
      [0, 2, 4],
      [1, 3],
    ].map((share) => {
      const numbers = new AddressNumbers(limit);
      const accumulator = topKernel.begin(question, help, undefined);
      for (const segment of share) {
        const batch = batches[segment];
        if (!batch) continue;
        const numberAll = (): NumberedCodes | undefined => {
          const ofCode = numbers.numberAll(batch.addresses);
          return ofCode && { numbers, ofCode };
        };
        const numbered = limit === undefined ? undefined : numberAll;
        accumulator.add({ batch, rows, scale: undefined, segment, numbered });
        expect(accumulator.peek?.().table.count).toBeLessThanOrEqual(2 * question.limit);
      }
      return structuredClone(accumulator.finish());
    });
    const concluded = topKernel.conclude(question, partials, help, undefined);
    return 'answer' in concluded ? (concluded.answer as TopAnswer) : undefined;
  }

  it.each([
    ['srcip', 'bytes'],
    ['dstip', 'flows'],
    ['ip', 'packets'],
  ] as const)('are the same by their numbers and by their words: %s by %s', (field, by) => {
    for (const times of [true, false]) {
      const question = { fields: [field], by, limit: 100, times };
      const plain = ask(question, undefined);
      expect(plain?.rows.length).toBeGreaterThan(60);
      expect(ask(question, 1000)).toEqual(plain);
      expect(ask(question, 45)).toEqual(plain);
      expect(ask(question, 1)).toEqual(plain);
    }
  });

  it('and the largest ports are summed from all threads', () => {
    const answer = ask({ fields: ['proto'], by: 'flows', limit: 3 }, undefined);
    expect(answer?.rows).toHaveLength(1);
    expect(answer?.rows[0]).toMatchObject({ key: ['0'], flows: 1500, ...answer?.total });
    expect(answer?.distinct).toBe(1);
    const ports = ask({ fields: ['port'], by: 'bytes', limit: 100 }, undefined);
    const one = ask({ fields: ['srcport'], by: 'bytes', limit: 100 }, undefined);
    expect(ports?.total).toEqual(one?.total);
    expect(ports?.rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(2 * (one?.total.bytes ?? 0));
    expect(one?.rows.map(({ key }) => key[0]).sort()).toEqual(['0', '22', '443', '53', '65535']);
  });

  it('are the same of some rows', () => {
    const rows = Uint32Array.from({ length: 60 }, (_, i) => 3 * i + 1);
    const question = { fields: ['srcip'], by: 'bytes', limit: 5 } as const;
    expect(ask(question, 1000, rows)).toEqual(ask(question, undefined, rows));
  });
});
