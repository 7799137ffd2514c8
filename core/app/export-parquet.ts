/** Flows as Parquet: one row group a batch or more, timestamps of microseconds in UTC, addresses as text. */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { forEachRow, type FlowEncoder } from './export-encoder.ts';
import type { CellValue, ColumnKind, ExportColumn } from './export-rows.ts';

/** Rows that are gathered before a row group is written. */
const GROUP_ROWS = 65_536;

type ParquetValue = number | bigint | string | null;

interface ParquetKind {
  readonly type: Omit<SchemaElement, 'name'>;
  readonly value: (value: CellValue) => ParquetValue;
}

const asIs = (value: CellValue): ParquetValue => value;
const toInteger = (value: CellValue): ParquetValue => (value === null ? null : Number(value));
const MAX_U64 = 2n ** 64n - 1n;

function toU64(value: CellValue): ParquetValue {
  if (value === null) return null;
  const exact = BigInt(value);
  return exact > MAX_U64 ? MAX_U64 : exact;
}

const unsigned = (bits: 8 | 16 | 32): ParquetKind => ({
  type: { type: 'INT32', converted_type: `UINT_${bits}` },
  value: toInteger,
});

const text: ParquetKind = { type: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, value: asIs };

const kinds: Readonly<Record<ColumnKind, ParquetKind>> = {
  time: {
    type: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
    value: (value) => (value === null ? null : BigInt(Math.round(Number(value) * 1000))),
  },
  u8: unsigned(8),
  u16: unsigned(16),
  u32: unsigned(32),
  u64: { type: { type: 'INT64', converted_type: 'UINT_64' }, value: toU64 },
  f64: { type: { type: 'DOUBLE' }, value: toInteger },
  text,
  json: text,
};

export function parquetEncoder(columns: readonly ExportColumn[], createdBy: string): FlowEncoder {
  const bytes = new ByteWriter();
  const schema: SchemaElement[] = [
    { name: 'flows', num_children: columns.length },
    ...columns.map(({ name, kind }): SchemaElement => ({
      name,
      repetition_type: 'OPTIONAL',
      ...kinds[kind].type,
    })),
  ];
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy });
  let group: ParquetValue[][] = columns.map(() => []);
  const take = (): Uint8Array[] => {
    const finished = bytes.getBytes().slice();
    bytes.index = 0;
    return [finished];
  };
  const flush = (): void => {
    const columnData = columns.map(({ name }, i) => ({ name, data: group[i] ?? [], offsetIndex: false }));
    void writer.write({ columnData, rowGroupSize: GROUP_ROWS * 2 });
    group = columns.map(() => []);
  };
  return {
    add(batch, rows, scale) {
      for (const [i, column] of columns.entries()) {
        const { value } = kinds[column.kind];
        const cell = column.bind(batch, scale);
        const data = group[i] ?? [];
        forEachRow(batch.count, rows, (row) => data.push(value(cell(row))));
      }
      if ((group[0]?.length ?? 0) < GROUP_ROWS) return [];
      flush();
      return take();
    },
    finish() {
      if ((group[0]?.length ?? 0) > 0) flush();
      void writer.finish();
      return { rest: take() };
    },
  };
}
