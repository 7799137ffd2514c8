import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { FlowBatch } from '../../core/model/flow-batch.ts';
import { decodeSegment, encodeSegment, type StoredColumn } from '../../core/store/segment.ts';
import { DamagedColumn } from '../../core/store/varint.ts';
import { buildBatch, describeRows, seededRandom, type FlowRow } from '../build/flow-chunks.ts';

const random = seededRandom(21);
const four = (): string => `203.0.${random() % 4}.${random() % 256}`;
const six = (): string =>
  `2001:db8:${(random() % 65_536).toString(16)}::${(1 + (random() % 500)).toString(16)}`;

function openAgain(columns: readonly StoredColumn[], { count, exporters }: FlowBatch): FlowBatch {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const segment = {
    rows: count,
    names: [...byName.keys()],
    column: (name: string): StoredColumn => {
      const column = byName.get(name);
      if (!column) throw new DamagedColumn(`its column ${name} is missing`);
      return column;
    },
  };
  const [exporter] = exporters;
  if (!exporter) throw new Error('a batch has an exporter');
  return decodeSegment(segment, () => exporter);
}

/** Flows between addresses of both families and none, whose AS numbers are those of their addresses but for a few. */
const asOf = (address: string): number => (address === '' ? 0 : crc32(address) % 60_000);
const rows = Array.from({ length: 3000 }, (_, i): FlowRow => {
  const [source, destination] = [i % 3 === 0 ? six() : four(), i % 5 === 0 ? six() : four()];
  return {
    ...(i % 50 === 0 ? {} : { source }),
    destination,
    bgpSourceAsNumber: i % 97 === 0 ? 1 : asOf(i % 50 === 0 ? '' : source),
    bgpDestinationAsNumber: asOf(destination),
  };
});

describe('the addresses of a segment', () => {
  const batch = buildBatch(rows);
  const columns = encodeSegment(batch, [1]);
  const back = openAgain(columns, batch);

  it('stay those of their flows', () => {
    expect(describeRows(back)).toEqual(describeRows(batch));
  });

  it('ascend, those of IPv4 before those of IPv6', () => {
    const keys = Array.from({ length: back.addresses.count - 1 }, (_, i) => {
      const { bytes } = back.addresses;
      return `${back.addresses.family(i + 1)} ${Buffer.from(bytes.subarray(16 * i + 16, 16 * i + 32)).toString('hex')}`;
    });
    expect(keys).toEqual(keys.toSorted());
    expect(keys.length).toBe(batch.addresses.count - 1);
  });

  it('say the AS numbers of their flows once', () => {
    const encodings = columns.filter(({ name }) => name.startsWith('bgp')).map(({ encoding }) => encoding);
    expect(encodings).toEqual(['like', 'like']);
    expect(columns.find(({ name }) => name === 'addresses.bgpAsNumber')?.length).toBe(batch.addresses.count);
  });

  it('say nothing of AS numbers where flows have none', () => {
    const names = encodeSegment(buildBatch([{ source: four(), destination: four() }]), [1]).map(
      ({ name }) => name,
    );
    expect(names).not.toContain('addresses.bgpAsNumber');
  });
});

describe('a segment whose columns tell one another in a ring', () => {
  it('is damaged, and nothing worse', () => {
    const batch = buildBatch(rows);
    const wrong = encodeSegment(batch, [1]).map((column): StoredColumn => {
      if (column.name === 'flowStartMilliseconds') return { ...column, encoding: 'before' };
      return column.name === 'flowEndMilliseconds' ? { ...column, encoding: 'after' } : column;
    });
    expect(() => openAgain(wrong, batch).columns.flowStartMilliseconds).toThrow(DamagedColumn);
  });
});
