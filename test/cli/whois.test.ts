/** `backtrail whois`, with servers of this machine for registries. */
import { describe, expect, it } from 'vitest';
import { registerWhois } from '../../core/cli/commands/whois.ts';
import { createIo } from '../../core/cli/io.ts';
import { main } from '../../core/cli/main.ts';
import { ripeNetwork, ripeWhois } from '../geo/registry-answers.ts';
import { json, registryServers, text, type Answers } from '../geo/registry-servers.ts';
import { runCli, temporaryFolder } from '../support.ts';

const answers: Answers = {
  rdap: { 'rdap.db.ripe.net': json(ripeNetwork) },
  whois: { 'whois.ripe.net': text(ripeWhois) },
};

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly string[];
}

async function whois(
  args: readonly string[],
  served: Answers = answers,
  store = temporaryFolder(),
): Promise<Run> {
  await using servers = await registryServers(served);
  let stdout = '';
  let stderr = '';
  const io = createIo({
    writeOut: (words) => void (stdout += words),
    writeErr: (words) => void (stderr += words),
    isTerminal: false,
    columns: () => 80,
    now: () => 0,
  });
  const code = await main(['whois', ...args, '--store', store], io, [
    (program, to) => registerWhois(program, to, servers.transport),
  ]);
  return { code, stdout, stderr, asked: servers.asked };
}

describe('backtrail whois', () => {
  it('names range, holder and abuse contact, and who said so', async () => {
    const { code, stdout, stderr } = await whois(['46.4.20.11']);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['46.4.20.11'],
      ['Range', '46.4.0.0 - 46.4.255.255'],
      ['Name', 'DE-EXAMPLE-20101103'],
      ['Handle', '46.4.0.0 - 46.4.255.255'],
      ['Holder', 'Example Hosting GmbH'],
      ['Country', 'DE (of the holder)'],
      ['Abuse', 'abuse@example.net'],
      ['Registered', '2010-11-03'],
      ['Changed', '2022-09-09'],
      [''],
    ]);
    expect(stderr).toContain('RDAP, https://rdap.db.ripe.net/ip/46.4.20.11 (RIPE NCC), asked at ');
  });

  it('asks once: the second time the kept answer is shown, with its age', async () => {
    const store = temporaryFolder();
    await whois(['46.4.20.11'], answers, store);
    const { stdout, stderr, asked } = await whois(['46.4.20.11'], {}, store);
    expect(asked).toEqual([]);
    expect(stdout).toContain('Example Hosting GmbH');
    expect(stderr).toMatch(/kept since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?.*: --again asks anew\./);
  });

  it('asks by WHOIS alone where that is wanted, and shows the answer as it came', async () => {
    const { stdout, asked } = await whois(['46.4.20.11', '--by', 'whois', '--raw']);
    expect(stdout).toBe(ripeWhois);
    expect(asked).toEqual(['whois.ripe.net']);
  });

  it('says who did not answer, and ends with 1', async () => {
    const { code, stdout, stderr } = await whois(['46.4.20.11'], {
      rdap: { 'rdap.db.ripe.net': json({}, 500) },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      'Nothing was learnt of 46.4.20.11. rdap.db.ripe.net answered with status 500. whois.ripe.net refused the connection.',
    );
  });

  it.each([
    ['10.0.0.5', '10.0.0.0/8 is for private use (RFC 1918)'],
    ['AS65551', 'AS65551 is held by no registry'],
    ['example.net', 'no address and no AS number'],
  ])('asks nobody of %s', async (query, sentence) => {
    const { code, stderr } = await runCli(['whois', query]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
