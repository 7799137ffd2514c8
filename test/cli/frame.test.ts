import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Command } from 'commander';
import { ApiError } from '../../core/model/api-error.ts';
import { createIo, type CliIo } from '../../core/cli/io.ts';
import { main } from '../../core/cli/main.ts';
import { formatOption, parseCountOption, parseTimeOption } from '../../core/cli/options.ts';
import { formatBytes, progressLine } from '../../core/cli/progress.ts';
import { csvLine, formatTable } from '../../core/cli/table.ts';
import { repositoryRoot, runCli, temporaryFolder } from '../support.ts';

interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, with commands made up for the test. */
async function run(
  args: readonly string[],
  register: (program: Command, io: CliIo) => void,
): Promise<Captured> {
  let stdout = '';
  let stderr = '';
  const io = createIo({
    writeOut: (text) => (stdout += text),
    writeErr: (text) => (stderr += text),
    isTerminal: false,
    columns: () => 80,
    now: () => 0,
  });
  const code = await main(args, io, [register]);
  return { code, stdout, stderr };
}

describe('backtrail', () => {
  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('prints its help on stdout', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect(stdout).toMatch(/^Usage: backtrail /);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('refuses an unknown option in one sentence', async () => {
    expect(await runCli(['--bogus'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "backtrail: unknown option '--bogus'. See backtrail --help.\n",
    });
  });

  it('ends quietly when nobody reads its output', () => {
    const script = '(sleep 0.2; "$0" core/cli/start.js --help; echo "ended with $?" >&2) | true';
    const result = spawnSync('sh', ['-c', script, process.execPath], {
      cwd: repositoryRoot,
      encoding: 'utf8',
    });
    expect(result.stderr).toBe('ended with 0\n');
  });
});

describe('the frame of commands', () => {
  const listing = (program: Command, io: CliIo): void => {
    program
      .command('list')
      .description('lists')
      .argument('<file>')
      .addOption(formatOption('table', 'json'))
      .option('--from <time>', 'from when', parseTimeOption)
      .option('--limit <n>', 'how many', parseCountOption)
      .action((file: string, options: object) => io.out(`${JSON.stringify({ file, ...options })}\n`));
  };

  it('gives a command its parsed options', async () => {
    const args = ['list', 'a.pcap', '--from', '2026-03-01T00:00:00Z', '--limit', '5', '--format', 'json'];
    const { code, stdout } = await run(args, listing);
    expect(JSON.parse(stdout)).toEqual({ file: 'a.pcap', from: 1_772_323_200_000, limit: 5, format: 'json' });
    expect(code).toBe(0);
  });

  it.each([
    [['lsit'], "backtrail: unknown command 'lsit' (Did you mean list?) See backtrail --help.\n"],
    [['list'], "backtrail: missing required argument 'file'. See backtrail list --help.\n"],
    [
      ['list', 'f', '--from', 'tomorrow'],
      "backtrail: option '--from <time>' argument 'tomorrow' is invalid. Write a time as ISO 8601 in UTC, such as " +
        '2026-03-01T14:05:00Z, or as epoch milliseconds. See backtrail list --help.\n',
    ],
    [
      ['list', 'f', '--limit', '-1'],
      "backtrail: option '--limit <n>' argument '-1' is invalid. Write a whole number, 1 or more. " +
        'See backtrail list --help.\n',
    ],
    [
      ['list', 'f', '--format', 'xml'],
      "backtrail: option '--format <name>' argument 'xml' is invalid. Allowed choices are table, json. " +
        'See backtrail list --help.\n',
    ],
  ])('refuses %j with exit code 2', async (args, sentence) => {
    expect(await run(args, listing)).toEqual({ code: 2, stdout: '', stderr: sentence });
  });

  it('shows its help on stderr where no command is named', async () => {
    const { code, stdout, stderr } = await run([], listing);
    expect(stderr).toMatch(/^Usage: backtrail /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it("prints a command's own help", async () => {
    const { code, stdout } = await run(['list', '--help'], listing);
    expect(stdout).toMatch(/^Usage: backtrail list \[options\] <file>\n/);
    expect(code).toBe(0);
  });

  const ending = (action: (io: CliIo) => void) => (program: Command, io: CliIo) => {
    program.command('end').action(() => action(io));
  };

  it('keeps the results written before a refusal', async () => {
    const result = await run(
      ['end'],
      ending((io) => {
        io.out('first\n');
        throw new ApiError('no-store', 'There is no store in /nowhere.');
      }),
    );
    expect(result).toEqual({
      code: 2,
      stdout: 'first\n',
      stderr: 'backtrail: There is no store in /nowhere.\n',
    });
  });

  it('ends with 1 where an input could not be read', async () => {
    const refuse = ending(() => {
      throw new ApiError('unreadable-file', 'a.pcap is empty.');
    });
    expect((await run(['end'], refuse)).code).toBe(1);
    expect(
      (
        await run(
          ['end'],
          ending((io) => io.fail(1)),
        )
      ).code,
    ).toBe(1);
  });

  it('ends with the worst of what went wrong', async () => {
    const result = await run(
      ['end'],
      ending((io) => {
        io.fail(2);
        io.fail(1);
      }),
    );
    expect(result.code).toBe(2);
  });

  it('calls a bug a bug and says how to see more', async () => {
    const { code, stderr } = await run(
      ['end'],
      ending(() => {
        throw new TypeError('x is not a function');
      }),
    );
    expect(stderr).toBe(
      'backtrail: this is a bug, please report it: x is not a function\n' +
        'Run the command again with BACKTRAIL_DEBUG=1 to see where it happened.\n',
    );
    expect(code).toBe(1);
  });
});

describe('an interruption', () => {
  const script = `
    import { interruptible } from './core/cli/interrupt.ts';
    import { main } from './core/cli/main.ts';
    process.exitCode = await main(['work'], undefined, [(program, io) => {
      program.command('work').action(() => interruptible(io, async (signal) => {
        io.err('working');
        while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, Number(process.env.TIDY_MS)));
        io.out('tidied up\\n');
      }));
    }]);`;

  /** Runs work that needs `tidyMs` after the signal; sends SIGINT at each of `presses` (ms after the start). */
  function interrupt(
    tidyMs: number,
    presses: readonly number[],
  ): Promise<{ code: number | null; stdout: string }> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: repositoryRoot,
      env: { ...process.env, TIDY_MS: String(tidyMs) },
    });
    let stdout = '';
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.once('data', () => {
      for (const wait of presses) setTimeout(() => child.kill('SIGINT'), wait);
    });
    return new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, stdout }));
    });
  }

  it('lets work end at a safe place, and the program with 130', async () => {
    expect(await interrupt(0, [0])).toEqual({ code: 130, stdout: 'tidied up\n' });
  });

  it('counts once where npm passes on what the terminal sent already', async () => {
    expect(await interrupt(200, [0, 20])).toEqual({ code: 130, stdout: 'tidied up\n' });
  });

  it('ends the program at the second press', async () => {
    expect(await interrupt(20_000, [0, 700])).toEqual({ code: 130, stdout: '' });
  });
});

describe('the starter', () => {
  /** A Node that is too old, first on the PATH as a stranger may have it. */
  const oldNode = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' })
    .stdout.split('\n')
    .find((node) =>
      /^v(1\d|2[0-3])\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
    );

  it.runIf(process.platform === 'linux')('keeps compiled modules where the platform has caches', async () => {
    const folder = temporaryFolder();
    const env = { XDG_CACHE_HOME: folder, NODE_COMPILE_CACHE: '' };
    expect((await runCli(['--version'], { env })).code).toBe(0);
    expect(readdirSync(join(folder, 'backtrail', 'compiled')).length).toBeGreaterThan(0);
    const version = await runCli(['--version'], { env });
    expect(version).toMatchObject({ code: 0, stderr: '' });
    const none = await runCli(['--version'], { env: { ...env, XDG_CACHE_HOME: '/dev/null' } });
    expect(none).toEqual(version);
  });

  it.skipIf(!oldNode)('hands over from an old Node to the one that npm installed', () => {
    const args = [join(repositoryRoot, 'core/cli/start.js'), '--bogus'];
    const result = spawnSync(String(oldNode), args, { encoding: 'utf8' });
    expect(result.stderr).toBe("backtrail: unknown option '--bogus'. See backtrail --help.\n");
    expect(result.status).toBe(2);
  });

  it.skipIf(!oldNode)('says what an old Node needs where nothing is installed', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'core/cli'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    cpSync(join(repositoryRoot, 'core/cli/start.js'), join(folder, 'core/cli/start.js'));
    const result = spawnSync(String(oldNode), [join(folder, 'core/cli/start.js')], { encoding: 'utf8' });
    expect(result.stderr).toMatch(
      /^backtrail: this is Node \d+\.\d+\.\d+, but Node 24 is needed: run `npm ci`/,
    );
    expect(result.status).toBe(2);
  });
});

describe('progress', () => {
  /** What a terminal of 60 columns is sent while the clock moves as the test says. */
  function terminal(isTerminal: boolean): { io: CliIo; sent: () => string; wait: (ms: number) => void } {
    let sent = '';
    let clock = 0;
    const io = createIo({
      writeOut: () => undefined,
      writeErr: (text) => (sent += text),
      isTerminal,
      columns: () => 60,
      now: () => clock,
    });
    return { io, sent: () => sent, wait: (ms) => (clock += ms) };
  }

  it('draws on one line, ten times a second at most, and clears it', () => {
    const { io, sent, wait } = terminal(true);
    const bar = io.progress('a.pcap', 4_194_304);
    wait(1000);
    bar.update(1_048_576);
    wait(50);
    bar.update(2_097_152);
    bar.end();
    expect(sent()).toBe('\r\u001b[Ka.pcap   25 %  1.0 MiB of 4.0 MiB  1.0 MiB/s  0:03 left\r\u001b[K');
  });

  it('steps aside for other text', () => {
    const { io, sent, wait } = terminal(true);
    const bar = io.progress('a', 100);
    wait(1);
    bar.update(50);
    io.err('b is empty');
    bar.end();
    expect(sent()).toMatch(/left\r\u001b\[Kb is empty\n$/);
  });

  it('shows nothing where stderr is no terminal', () => {
    const { io, sent, wait } = terminal(false);
    const bar = io.progress('a', 100);
    wait(1000);
    bar.update(50);
    bar.end();
    expect(sent()).toBe('');
  });

  it('never wraps', () => {
    const { io, sent, wait } = terminal(true);
    const bar = io.progress('x'.repeat(200), 100);
    wait(1000);
    bar.update(50);
    expect(sent()).toHaveLength('\r\u001b[K'.length + 59);
  });

  it('says only what it knows', () => {
    expect(progressLine('a', 2048, 0, 1000)).toBe('a  2.0 KiB  2.0 KiB/s');
    expect(progressLine('a', 0, 2048, 0)).toBe('a    0 %  0 B of 2.0 KiB');
    expect(progressLine('a', 4096, 2048, 1000)).toBe('a  100 %  4.0 KiB of 2.0 KiB  4.0 KiB/s  0:00 left');
    expect(progressLine('a', 1, 7201, 1000)).toContain('2:00:00 left');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KiB'],
    [10_240, '10 KiB'],
    [1_023_999, '1.0 MiB'],
    [5_368_709_120, '5.0 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('rows as text', () => {
  it('aligns a table', () => {
    const table = formatTable(
      [{ title: 'source' }, { title: 'bytes', align: 'right' }, { title: 'flags' }],
      [
        ['10.0.0.1', '7', 'S'],
        ['2001:db8::1', '123456', ''],
      ],
    );
    expect(table).toBe('source        bytes  flags\n10.0.0.1          7  S\n2001:db8::1  123456\n');
  });

  it('keeps control characters of strangers off the terminal', () => {
    expect(formatTable([{ title: 'name' }], [['a\u001b[2J\nb']])).toBe('name\na\ufffd[2J\ufffdb\n');
  });

  it('quotes CSV as RFC 4180 says', () => {
    expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', 5, null, undefined])).toBe('a,"b,c","d""e","f\ng",5,,\r\n');
  });
});
