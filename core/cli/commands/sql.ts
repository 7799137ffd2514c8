/** `backtrail sql`: a query in SQL over the stored flows. */
import { Option, type Command } from 'commander';
import { showingFilter } from '../../app/query/filter-fault.ts';
import { runSql, type SqlRow } from '../../app/sql/sql.ts';
import type { EpochMs } from '../../model/time.ts';
import { interruptible, unlessAborted } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseTimeOption, type OutputFormat } from '../options.ts';
import { csvLine, formatTable } from '../table.ts';

interface SqlOptions {
  readonly store: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly filter?: string;
  readonly format: OutputFormat;
}

/** Rows of an aligned table: its widths are known only when all are there. */
const TABLE_ROWS = 1000;

const help = `
The tables are flows(from, to, filter) with the names of information elements and nf(from, to, filter)
with those of nfdump. Times are epoch milliseconds; as an argument also 2026-03-01T14:05:00Z. Empty
arguments bound nothing:

  SELECT srcip, sum(bytes) AS sum FROM nf('2026-03-01', '', 'dst port 22')
  GROUP BY srcip ORDER BY sum DESC LIMIT 10
`;

export function registerSql(program: Command, io: CliIo): void {
  program
    .command('sql')
    .description('ask a store in SQL')
    .argument('<query>', 'one SELECT over the tables flows and nf')
    .requiredOption('--store <dir>', 'the store to read')
    .option('--from <time>', 'only flows that were there at this time or later', parseTimeOption)
    .option('--to <time>', 'only flows that began before this time', parseTimeOption)
    .addOption(new Option('--filter <text>', "only flows that match, in nfdump's filter language"))
    .addOption(formatOption('table', 'json', 'jsonl', 'csv'))
    .addHelpText('after', help)
    .action((sql: string, options: SqlOptions) => ask(sql, options, io));
}

async function ask(sql: string, options: SqlOptions, io: CliIo): Promise<void> {
  const { store: folder, from, to, filter, format } = options;
  const writer = writers[format]?.(io) ?? tableWriter(io);
  const summary = await interruptible(io, (signal) =>
    unlessAborted(signal, () =>
      showingFilter(filter, () => runSql({ folder, sql, from, to, filter }, writer, signal)),
    ),
  );
  writer.end();
  io.flush();
  for (const sentence of summary?.damages ?? []) io.err(`backtrail: ${sentence}`);
  if ((summary?.damages.length ?? 0) > 0) io.fail(1);
}

interface ResultWriter {
  columns(names: readonly string[]): void;
  rows(rows: readonly SqlRow[]): void;
  end(): void;
}

const writers: Readonly<Partial<Record<OutputFormat, (io: CliIo) => ResultWriter>>> = {
  csv: (io) => ({
    columns: (names) => io.out(csvLine(names)),
    rows: (rows) => {
      for (const row of rows) io.out(csvLine(row.map(plain)));
    },
    end: () => undefined,
  }),
  jsonl: (io) => {
    let names: readonly string[] = [];
    return {
      columns: (columns) => {
        names = distinct(columns);
      },
      rows: (rows) => {
        for (const row of rows) io.out(`${JSON.stringify(named(names, row))}\n`);
      },
      end: () => undefined,
    };
  },
  json: (io) => {
    let names: readonly string[] | undefined;
    let first = true;
    return {
      columns: (columns) => {
        names = distinct(columns);
        io.out('[');
      },
      rows: (rows) => {
        for (const row of rows) {
          io.out(`${first ? '\n' : ',\n'}  ${JSON.stringify(named(names ?? [], row))}`);
          first = false;
        }
      },
      end: () => {
        if (names) io.out(first ? ']\n' : '\n]\n');
      },
    };
  },
};

function tableWriter(io: CliIo): ResultWriter {
  let names: readonly string[] = [];
  const shown: string[][] = [];
  const numeric: boolean[] = [];
  let left = 0;
  return {
    columns: (columns) => {
      names = columns;
    },
    rows: (rows) => {
      for (const row of rows) {
        if (shown.length >= TABLE_ROWS) {
          left++;
          continue;
        }
        for (const [i, cell] of row.entries()) numeric[i] = (numeric[i] ?? true) && typeof cell !== 'string';
        shown.push(row.map((cell) => String(plain(cell) ?? '')));
      }
    },
    end: () => {
      if (shown.length === 0) return;
      const columns = names.map((title, i) => ({ title, align: numeric[i] ? 'right' : 'left' }) as const);
      io.out(formatTable(columns, shown));
      if (left > 0) io.err(`${TABLE_ROWS} of ${TABLE_ROWS + left} rows are shown: --format csv writes all.`);
    },
  };
}

/** Octets are shown in hexadecimal. */
const plain = (cell: SqlRow[number]): string | number | null =>
  cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell;

const named = (names: readonly string[], row: SqlRow): Record<string, unknown> =>
  Object.fromEntries(names.map((name, i) => [name, plain(row[i] ?? null)]));

/** Names of an object must differ: the second `x` is `x_2`. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}
