/** Flows as Parquet: one row group a batch or more, timestamps of microseconds in UTC, addresses as text. */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { FlowEncoder } from './encoder.ts';
import type { CellValue, ColumnKind, ExportColumn } from './rows.ts';

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
  let group: CellValue[][] = columns.map(() => []);
  const take = (): Uint8Array[] => {
    const finished = bytes.getBytes().slice();
    bytes.index = 0;
    return [finished];
  };
  /** Each column is made when it is written, and gone when the next one is. */
  const writeGroup = (cellsOf: (column: ExportColumn, index: number) => CellValue[]): void => {
    const columnData = columns.map((column, index) => ({
      name: column.name,
      get data() {
        return cellsOf(column, index).map(kinds[column.kind].value);
      },
      offsetIndex: false,
    }));
    void writer.write({ columnData, rowGroupSize: GROUP_ROWS * 2 });
  };
  const flush = (): void => {
    writeGroup((_, index) => group[index] ?? []);
    group = columns.map(() => []);
  };
  return {
    add(batch, rows, scale) {
      const count = rows?.length ?? batch.count;
      const cellsOf = (column: ExportColumn): CellValue[] => {
        const every = column.every?.(batch, scale);
        if (every !== undefined) return Array.from({ length: count }, () => every);
        const cell = column.bind(batch, scale);
        return Array.from({ length: count }, (_, i) => cell(rows ? (rows[i] ?? 0) : i));
      };
      if ((group[0]?.length ?? 0) === 0 && count >= GROUP_ROWS) {
        writeGroup(cellsOf);
        return take();
      }
      for (const [i, column] of columns.entries()) {
        const data = group[i] ?? [];
        for (const cell of cellsOf(column)) data.push(cell);
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
