/** The rows of the SQL tables, read from a store as the query asks for them. */
import { ApiError } from '../../model/api-error.ts';
import type { RecordKind } from '../../model/query.ts';
import { parseTime, type EpochMs } from '../../model/time.ts';
import type { SegmentSummary } from '../../model/segment-summary.ts';
import type { ComputedTable, SqlCell } from '../../store/sql-session.ts';
import type { Store } from '../../store/store.ts';
import { compileFilter } from '../query/filter.ts';
import { noKinds, rowsOfKinds } from '../query/rows.ts';
import { mentions, sqlTables } from './columns.ts';

/** What bounds every table of a query, beside its own arguments. */
export interface SqlBounds {
  readonly from?: EpochMs | undefined;
  readonly to?: EpochMs | undefined;
  readonly filter?: string | undefined;
}

/** Sums over flows are no flows. */
const tabledKinds: readonly RecordKind[] = ['flow', 'event', 'sample'];

/**
 * The tables over a store, each `name(from, to, filter)`. Absent and empty arguments bound nothing; of NULL SQL knows nothing
 * that is equal, and such a table has no rows.
 */
export function computedTables(
  store: Store,
  sql: string,
  bounds: SqlBounds,
  onDamage: (sentence: string) => void,
): ComputedTable[] {
  const isRead = mentions(sql);
  const outer = compileFilter(bounds.filter);
  return sqlTables.map(({ name, columns }) => ({
    name,
    columns: columns.map((column) => column.name),
    parameters: ['from', 'to', 'filter'],
    *rows(...[from, to, filter]: readonly unknown[]): Generator<SqlCell[]> {
      const range = {
        from: later(bounds.from, timeOf(from, 'from')),
        to: earlier(bounds.to, timeOf(to, 'to')),
      };
      const inner = compileFilter(textOf(filter));
      const mayMatch = (segment: SegmentSummary): boolean =>
        outer?.mayMatch(segment) !== false && inner?.mayMatch(segment) !== false;
      for (const batch of store.scan({ ...range, mayMatch, onDamage: ({ message }) => onDamage(message) })) {
        const first = outer?.select(batch);
        const chosen = inner ? inner.select(batch, first) : first;
        const rows = rowsOfKinds(batch, chosen, tabledKinds, noKinds());
        const cells = columns.map((column) =>
          isRead(column.name) ? column.bind(batch, undefined) : nothing,
        );
        const count = rows?.length ?? batch.count;
        for (let i = 0; i < count; i++) {
          const row = rows?.[i] ?? i;
          yield cells.map((cell) => cell(row));
        }
      }
    },
  }));
}

const nothing = (): null => null;

function later(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function earlier(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function timeOf(given: unknown, name: string): EpochMs | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const time = typeof given === 'string' || typeof given === 'number' ? parseTime(String(given)) : undefined;
  if (time !== undefined) return time;
  throw new ApiError(
    'usage',
    `The argument ${name} of a table is no time: write '2026-03-01T14:05:00Z' or epoch milliseconds.`,
  );
}

function textOf(given: unknown): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string') return given;
  throw new ApiError('usage', "The argument filter of a table is no text: write 'dst port 22'.");
}
