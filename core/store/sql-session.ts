/**
 * SQL of a stranger over tables that are computed: an empty database in memory, in which nothing can be written, no other file
 * opened and no extension loaded. Only one statement that gives rows is run; what it sorts or groups goes to temporary
 * files past the cache.
 */
import Sqlite from 'better-sqlite3';
import { ApiError } from '../model/api-error.ts';

export type SqlCell = number | string | Uint8Array | null;

/** A table whose rows are made when they are read; `parameters` are given as `name(a, b)` and may be absent. */
export interface ComputedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly parameters: readonly string[];
  readonly rows: (...given: readonly unknown[]) => Generator<SqlCell[]>;
}

/** Bytes that SQLite may hold, in the whole process: it runs in one of its own. */
const HEAP_LIMIT = 512 << 20;
const CACHE_KIB = 65_536;

/** What begins a statement that only reads; anything else (PRAGMA, ATTACH, VACUUM ...) is refused before it is prepared. */
const READING = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:select|with|values|explain)\b/i;

export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly SqlCell[]>;
}

/** Runs one query. Throws ApiError `usage` with SQLite's words, also while the rows are read. */
export function runReadOnlySql(sql: string, tables: readonly ComputedTable[]): SqlResult {
  if (!READING.test(sql)) {
    throw new ApiError('usage', 'Only queries are run: begin with SELECT or WITH.');
  }
  return asked(() => {
    const database = new Sqlite(':memory:');
    for (const { name, columns, parameters, rows } of tables) {
      database.table(name, { columns: [...columns], parameters: [...parameters], rows });
    }
    database.exec(
      `PRAGMA hard_heap_limit = ${HEAP_LIMIT}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE;
       PRAGMA trusted_schema = OFF; PRAGMA query_only = ON`,
    );
    const statement = database.prepare<unknown[], unknown[]>(sql);
    if (!statement.reader || !statement.readonly) {
      throw new ApiError('usage', 'Only queries that change nothing are run: write a SELECT.');
    }
    const columns = statement.columns().map(({ name }) => name);
    return { columns, rows: readRows(database, statement.raw(true).safeIntegers(true)) };
  });
}

function* readRows(
  database: Sqlite.Database,
  statement: Sqlite.Statement<unknown[], unknown[]>,
): Generator<readonly SqlCell[]> {
  try {
    const rows = asked(() => statement.iterate());
    for (;;) {
      const step = asked(() => rows.next());
      if (step.done === true) return;
      yield step.value.map(cellOf);
    }
  } finally {
    database.close();
  }
}

function cellOf(value: unknown): SqlCell {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  return value as SqlCell;
}

function asked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) {
      // The driver's own refusals: several statements, none, values without a parameter.
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    }
    throw new ApiError('usage', `The query cannot be run: ${error.message.replace(/\.$/, '')}.`, {
      cause: error,
    });
  }
}
