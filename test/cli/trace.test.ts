import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, runCli, temporaryFolder, type CliResult } from '../support.ts';

/** The sample case: its own README says how it was recorded, and this is the truth it names. */
const sample = (folder: string): string => join(repositoryRoot, 'resources/sample', folder);
const question = ['--victim', '192.168.1.11:22', '--at', '2026-11-21T00:41:23.800Z'];
const seenFrom = ['--from', '177.34.210.9:52326'];

interface Shown {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}
interface Trace {
  readonly target: Shown & Record<string, unknown>;
  readonly candidates: readonly (Record<string, unknown> & { connection: Shown; verdict: string })[];
  readonly paths: readonly {
    readonly scoreNats: number;
    readonly hops: readonly {
      readonly kind: string;
      readonly from: string;
      readonly to: string;
      readonly fromSite?: string;
      readonly connections: readonly Shown[];
    }[];
  }[];
  readonly notes: readonly string[];
}

const tuple = (c: Shown): string => `${c.source}:${c.sourcePort} > ${c.destination}:${c.destinationPort}`;

let store: string;
const trace = (...args: string[]): Promise<CliResult> => runCli(['trace', '--store', store, ...args]);

beforeAll(async () => {
  store = join(temporaryFolder(), 'store');
  for (const [folder, site] of [
    ['korea', 'Korea'],
    ['germany', 'Germany'],
    ['united-states', 'United States'],
    ['south-africa', 'South Africa'],
  ] as const) {
    const { code, stderr } = await runCli(['import', sample(folder), '--store', store, '--site', site]);
    expect(code, stderr).toBe(0);
  }
});

describe('backtrail trace', () => {
  it('names every login of the sample attack, with its views on both sides of each NAT, attacker first', async () => {
    const { code, stdout } = await trace(...question, ...seenFrom, '--format', 'json');
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as Trace;
    expect(result.paths[0]?.hops.map((hop) => hop.connections.map(tuple))).toEqual([
      [
        '192.168.0.11:50698 > 87.138.92.20:22',
        '121.140.17.66:50698 > 87.138.92.20:22',
        '121.140.17.66:50698 > 192.168.0.11:22',
      ],
      ['192.168.0.11:58432 > 177.34.210.9:2202', '87.138.92.20:34312 > 177.34.210.9:2202'],
      ['177.34.210.9:52326 > 73.162.44.200:22', '177.34.210.9:52326 > 192.168.1.11:22'],
    ]);
    expect(result.paths[0]?.hops[0]).toMatchObject({
      kind: 'login',
      from: '192.168.0.11',
      fromSite: 'Korea',
    });
    expect(tuple(result.target)).toBe('177.34.210.9:52326 > 192.168.1.11:22');
  });

  it('prints the object that other programs were promised', async () => {
    const { stdout } = await trace(...question, ...seenFrom, '--format', 'json');
    const result = JSON.parse(stdout) as Trace;
    expect(result.target).toMatchObject({
      protocol: 6,
      records: expect.any(Number) as number,
      packets: expect.any(Number) as number,
      bytes: expect.any(Number) as number,
      startMs: expect.any(Number) as number,
      endMs: expect.any(Number) as number,
      exporters: ['10.255.0.14'],
    });
    for (const candidate of result.candidates) {
      expect(candidate).toMatchObject({
        cpf: expect.any(Number) as number,
        scoreNats: expect.any(Number) as number,
        eValue: expect.any(Number) as number,
        lagMs: expect.any(Number) as number,
      });
    }
    const onPath = result.candidates
      .filter(({ verdict }) => verdict === 'path')
      .map((c) => tuple(c.connection));
    expect(onPath.toSorted()).toEqual([
      '192.168.0.11:50698 > 87.138.92.20:22',
      '192.168.0.11:58432 > 177.34.210.9:2202',
    ]);
  });

  it('tells the path, then the candidates, then what is missing, in words', async () => {
    const { code, stdout } = await trace(...question, ...seenFrom);
    expect(code).toBe(0);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'It came through 2 earlier logins. Earliest observed hop: 192.168.0.11 at site Korea.',
    );
    expect(text).toMatch(
      /THE PATH.*1\. 192\.168\.0\.11 at site Korea to 192\.168\.0\.11 at site Germany.*3\. .*\(the victim\)/,
    );
    expect(text).toMatch(/moments at which hop 2 fell silent or spoke again, \d+ recur here/);
    expect(stdout.indexOf('THE PATH')).toBeLessThan(stdout.indexOf('CANDIDATES'));
    expect(stdout.indexOf('CANDIDATES')).toBeLessThan(stdout.indexOf('WHAT IS MISSING'));
    expect(text).toContain('No exporter saw behind 177.34.210.9');
    expect(text).not.toMatch(/the attacker/i);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  it('finds the same login when asked for its address outside the NAT', async () => {
    const { stdout } = await trace(
      '--victim',
      '73.162.44.200:22',
      '--at',
      '1795221683800',
      ...seenFrom,
      '--format',
      'json',
    );
    const result = JSON.parse(stdout) as Trace;
    expect(result.paths[0]?.hops[0]?.from).toBe('192.168.0.11');
    expect(result.paths[0]?.hops).toHaveLength(3);
  });

  it('names the other connections when the peer is left out and several were open', async () => {
    const { stdout } = await trace(
      '--victim',
      '192.168.0.11:22',
      '--site',
      'Germany',
      '--at',
      '1795221683800',
      '--format',
      'json',
    );
    const result = JSON.parse(stdout) as Trace;
    expect(result.notes.join(' ')).toMatch(/other connections? (was|were) open to the victim then/);
  });
});

describe('a question that cannot be answered', () => {
  const at = ['--at', '2026-11-21T00:41:23.800Z'];

  it.each([
    [
      'lists the sites of a private address that several have',
      ['--victim', '192.168.0.11', ...at],
      /Germany, Korea, South Africa; name the one that is meant/,
    ],
    [
      'lists the sites there are when it does not know the one named',
      ['--victim', '192.168.1.11', '--site', 'Mars', ...at],
      /No site is called "Mars"; the sites are Germany, Korea, South Africa, United States/,
    ],
    [
      'says that no flow goes to the victim',
      ['--victim', '192.0.2.1:22', ...at],
      /No flow goes to 192\.0\.2\.1:22/,
    ],
    [
      'says which times the store covers',
      ['--victim', '192.168.1.11:22', '--at', '2020-01-01'],
      /lies outside the store, whose flows run from 2026-11-21T00:37:\S+ to 2026-11-21T00:45:/,
    ],
    [
      'names the nearest connection when the peer was another',
      [...question, '--from', '192.0.2.9'],
      /No connection to 192\.168\.1\.11:22 from 192\.0\.2\.9 was open .* the nearest is/,
    ],
    ['says how to write an address', ['--victim', 'server', ...at], /Write an address, or address:port/],
    [
      'says so for a port beyond 65535',
      ['--victim', '192.168.1.11:99999', ...at],
      /Write an address, or address:port/,
    ],
  ])('%s', async (_title, args, words) => {
    const { code, stdout, stderr } = await trace(...args);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('says how to make a store where there is none', async () => {
    const { code, stderr } = await runCli(['trace', '--store', join(store, 'absent'), ...question]);
    expect(stderr).toMatch(/There is no store in .*: make one with "backtrail import/);
    expect(code).toBe(2);
    expect(existsSync(join(store, 'absent'))).toBe(false);
  });
});

describe('backtrail demo', () => {
  it('imports the sample case, traces it and says what to do next', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await runCli(['demo'], { env: { TMPDIR: folder } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Korea +512 flows/);
    expect(stdout).toMatch(/Germany +1400 flows/);
    expect(stdout).toMatch(/United States +1536 flows/);
    expect(stdout).toMatch(/South Africa +938 flows/);
    expect(stdout).toContain('Earliest observed hop: 192.168.0.11 at site Korea.');
    expect(stdout).toContain('WHAT TO DO NEXT');
    const made = readdirSync(folder);
    expect(made).toHaveLength(1);
    expect(stdout).toContain(`flows --store ${join(folder, made[0] ?? '')}`);
  });
});
