/** `backtrail sql`: what it answers, in which forms, and what it refuses. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSql } from '../../core/app/sql/sql.ts';
import { computedTables } from '../../core/app/sql/rows.ts';
import { ApiError } from '../../core/model/api-error.ts';
import { epochMs } from '../../core/model/time.ts';
import { runReadOnlySql, type SqlCell } from '../../core/store/sql-session.ts';
import { Store } from '../../core/store/store.ts';
import { buildBatch, buildChunk, type FlowRow } from '../build/flow-chunks.ts';
import { makeStore } from '../build/made-store.ts';
import { runCli, temporaryFolder } from '../support.ts';

const T0 = Date.UTC(2026, 10, 20, 12);

const flow = (minute: number, port: number, bytes: number, more: FlowRow = {}): FlowRow => ({
  source: '198.51.100.7',
  destination: '203.0.113.9',
  sourceTransportPort: 40_000,
  destinationTransportPort: port,
  protocolIdentifier: 6,
  flowStartMilliseconds: T0 + minute * 60_000,
  flowEndMilliseconds: T0 + minute * 60_000 + 500,
  packetDeltaCount: 10,
  octetDeltaCount: bytes,
  ...more,
});

const rows = [
  flow(0, 22, 100),
  flow(1, 22, 200, { source: '2001:db8::7', destination: '2001:db8::9' }),
  flow(2, 443, 400, { extras: { octetDeltaCount: '18446744073709551615', userName: 'operator' } }),
  flow(3, 53, 800, { protocolIdentifier: 17, extras: { postNATSourceIPv4Address: '192.0.2.77' } }),
];
const folder = makeStore(temporaryFolder(), [buildBatch(rows)], 'plant');

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlCell[])[];
}

async function ask(
  sql: string,
  bounds: { from?: number; to?: number; filter?: string } = {},
): Promise<Answer> {
  let columns: readonly string[] = [];
  const found: (readonly SqlCell[])[] = [];
  const { from, to, filter } = bounds;
  const question = {
    folder,
    sql,
    filter,
    from: from === undefined ? undefined : epochMs(from),
    to: to === undefined ? undefined : epochMs(to),
  };
  await runSql(question, {
    columns: (names) => {
      columns = names;
    },
    rows: (more) => {
      found.push(...more);
    },
  });
  return { columns, rows: found };
}

const sentenceOf = (error: unknown): string => {
  expect(error).toBeInstanceOf(ApiError);
  return (error as ApiError).message;
};

/** What is said against a query, without a process for each. */
function refusal(sql: string): string {
  using store = Store.open(folder, { create: false });
  try {
    const tables = computedTables(store, sql, {}, () => undefined);
    return `answered: ${[...runReadOnlySql(sql, tables).rows].join(' | ')}`;
  } catch (error) {
    return sentenceOf(error);
  }
}

describe('a query', () => {
  it('reads flows by the names of information elements, and by those of nfdump', async () => {
    const long =
      'SELECT sourceAddress, destinationTransportPort, octetDeltaCount FROM flows ORDER BY flowStartMilliseconds';
    const short = 'SELECT srcip, dstport, bytes FROM nf ORDER BY first';
    const wanted = [
      ['198.51.100.7', 22, 100],
      ['2001:db8::7', 22, 200],
      ['198.51.100.7', 443, '18446744073709551615'],
      ['198.51.100.7', 53, 800],
    ];
    expect((await ask(long)).rows).toEqual(wanted);
    expect((await ask(short)).rows).toEqual(wanted);
  });

  it('gives every column for a star, elements that have none as JSON', async () => {
    const { columns, rows: found } = await ask('SELECT * FROM flows WHERE destinationTransportPort = 443');
    const cell = (name: string): SqlCell | undefined => found[0]?.[columns.indexOf(name)];
    expect(cell('site')).toBe('plant');
    expect(cell('flowEndMilliseconds')).toBe(T0 + 120_500);
    expect(JSON.parse(String(cell('elements')))).toEqual({ userName: 'operator' });
  });

  it('groups, joins and sorts as SQL does', async () => {
    const sql = `SELECT a.proto, count(*) AS n, sum(a.packets) FROM nf a JOIN nf b ON a.srcport = b.srcport
      WHERE b.dstport = 53 GROUP BY a.proto ORDER BY n DESC`;
    expect((await ask(sql)).rows).toEqual([
      [6, 3, 30],
      [17, 1, 10],
    ]);
  });

  it('bounds a table by its arguments, the empty ones bound nothing', async () => {
    const count = async (table: string): Promise<unknown> =>
      (await ask(`SELECT count(*) FROM ${table}`)).rows[0]?.[0];
    expect(await count('flows')).toBe(4);
    expect(await count("flows('2026-11-20T12:01:00Z')")).toBe(3);
    expect(await count(`flows('', ${T0 + 60_000})`)).toBe(1);
    expect(await count("nf('', '', 'dst port 22 and ipv6')")).toBe(1);
    expect(await count("nf WHERE filter = 'proto udp'")).toBe(1);
  }, 30_000);

  it('is bounded as a whole by the options beside it', async () => {
    const bounds = { from: T0 + 60_000, to: T0 + 180_000, filter: 'proto tcp' };
    const { rows: found } = await ask("SELECT dstport FROM nf('', '', 'src ip 198.51.100.7')", bounds);
    expect(found).toEqual([[443]]);
  });
});

describe('is refused, in a sentence:', () => {
  it.each([
    ['DELETE FROM flows', 'Only queries are run: begin with SELECT or WITH.'],
    ["  -- x\n/* y */ ATTACH '/tmp/x' AS y", 'Only queries are run: begin with SELECT or WITH.'],
    ["VACUUM INTO '/tmp/x'", 'Only queries are run: begin with SELECT or WITH.'],
    ['PRAGMA query_only = OFF', 'Only queries are run: begin with SELECT or WITH.'],
    [
      'WITH x AS (SELECT 1) INSERT INTO flows SELECT 1',
      'The query cannot be run: table flows may not be modified.',
    ],
    ["SELECT load_extension('x')", 'The query cannot be run: not authorized.'],
    ["SELECT readfile('/etc/passwd')", 'The query cannot be run: no such function: readfile.'],
    ["SELECT writefile('/tmp/x', 'y')", 'The query cannot be run: no such function: writefile.'],
    ['SELECT nope FROM flows', 'The query cannot be run: no such column: nope.'],
    [
      'SELECT 1; DROP TABLE flows',
      'The query cannot be run: The supplied SQL string contains more than one statement.',
    ],
    ['SELECT zeroblob(2000000000)', 'The query cannot be run: string or blob too big.'],
    [
      "SELECT count(*) FROM flows('yesterday')",
      "The argument from of a table is no time: write '2026-03-01T14:05:00Z' or epoch milliseconds.",
    ],
    ['', 'Only queries are run: begin with SELECT or WITH.'],
  ])('%s', (sql, sentence) => {
    expect(refusal(sql)).toBe(sentence);
  });

  it('a filter in it that cannot be read', () => {
    expect(refusal("SELECT count(*) FROM nf('', '', 'dst porrt 22')")).toContain('did you mean "port"?');
  });

  it('what needs more memory than it may have', async () => {
    const sql = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9)
      SELECT length(group_concat(hex(zeroblob(90000000)))) FROM c`;
    const error: unknown = await ask(sql).catch((fault: unknown) => fault);
    expect(sentenceOf(error)).toMatch(/out of memory|too big/);
  }, 60_000);
});

it('is ended at once when it is aborted, also in the middle of endless work', async () => {
  const controller = new AbortController();
  const sql = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT sum(n) FROM c, flows';
  const reader = { columns: () => controller.abort(), rows: () => undefined };
  const running = runSql({ folder, sql }, reader, controller.signal);
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
}, 30_000);

it('hands over rows only as fast as they are taken', async () => {
  const large = makeStore(temporaryFolder(), [buildChunk(1, 0, 3000).batch]);
  const sizes: number[] = [];
  let open = 0;
  const reader = {
    columns: () => undefined,
    rows: async (more: readonly unknown[]) => {
      open++;
      await new Promise((resolve) => setImmediate(resolve));
      expect(open).toBe(1);
      open--;
      sizes.push(more.length);
    },
  };
  await runSql({ folder: large, sql: 'SELECT srcip FROM nf' }, reader);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3000);
  expect(Math.max(...sizes)).toBe(512);
}, 30_000);

describe('backtrail sql', () => {
  const sql = (...args: string[]) => runCli(['sql', '--store', folder, ...args]);
  const query = "SELECT srcip, bytes, 1 AS x, 2 AS x FROM nf('', '', 'dst port 22') ORDER BY bytes";

  it('prints an aligned table, and JSON, JSON lines and CSV for other programs', async () => {
    const [table, json, lines, csv] = await Promise.all(
      ['table', 'json', 'jsonl', 'csv'].map((format) => sql(query, '--format', format)),
    );
    expect(table?.stdout).toBe(
      'srcip         bytes  x  x\n198.51.100.7    100  1  2\n2001:db8::7     200  1  2\n',
    );
    const objects = [
      { srcip: '198.51.100.7', bytes: 100, x: 1, x_2: 2 },
      { srcip: '2001:db8::7', bytes: 200, x: 1, x_2: 2 },
    ];
    expect(JSON.parse(json?.stdout ?? '')).toEqual(objects);
    expect(
      lines?.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(objects);
    expect(csv?.stdout).toBe('srcip,bytes,x,x\r\n198.51.100.7,100,1,2\r\n2001:db8::7,200,1,2\r\n');
    expect([table, json, lines, csv].map((result) => result?.code)).toEqual([0, 0, 0, 0]);
  }, 60_000);

  it('ends with 2 and a sentence for what cannot be run, and leaves no file behind', async () => {
    const path = join(temporaryFolder(), 'x.sqlite');
    const { code, stdout, stderr } = await sql(`SELECT 1 FROM flows; ATTACH '${path}' AS y`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('more than one statement');
    expect(existsSync(path)).toBe(false);
  }, 60_000);

  it('points at the fault of a filter', async () => {
    const { code, stderr } = await sql('SELECT count(*) FROM nf', '--filter', 'dst porrt 22');
    expect(code).toBe(2);
    expect(stderr).toContain('  dst porrt 22\n      ^^^^^');
  }, 60_000);
});
