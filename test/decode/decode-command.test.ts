import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VARIABLE, ipfix, template10, templates10 } from '../build/ipfix.ts';
import { data, netflow5, netflow9, template9, templates9 } from '../build/netflow.ts';
import { ascii, concat, u16, u32, u8, variable } from '../build/octets.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { runCli, temporaryFolder, type CliResult } from '../support.ts';

const template = netflow9({ sequence: 1 }, templates9(template9(256, [7, 2])));
const flow = netflow9({ sequence: 2 }, data(256, [u16(80)]));

/** Writes each file into a new folder and decodes those named. */
async function decode(
  files: Readonly<Record<string, Uint8Array>>,
  ...names: readonly string[]
): Promise<CliResult> {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  mkdirSync(join(folder, 'folder'));
  return runCli(['decode', ...names.map((name) => join(folder, name))]);
}

function ports(result: CliResult): unknown[] {
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['sourceTransportPort']);
}

describe('backtrail decode', () => {
  it('takes several raw datagrams for one stream, so that a template of the first serves the second', async () => {
    const result = await decode({ template, flow }, 'template', 'flow');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toBe(
      '{"_n":0,"_msg":1,"_v":9,"_odid":0,"_seq":2,"_exportMs":0,"_set":256,"_kind":"flow","sourceTransportPort":80}\n',
    );
  });

  it('puts records that waited where their template came, and marks them', async () => {
    const result = await decode({ template, flow }, 'flow', 'template');
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ _n: 0, _msg: 0, _waited: true });
  });

  it('says what never found its template, and how often', async () => {
    const result = await decode({ flow }, 'flow', 'flow');
    expect(result).toMatchObject({ code: 0, stdout: '' });
    expect(result.stderr).toMatch(
      /^missing-template: 1 time, first in .*flow: 2 data sets \(4 bytes\) of v9 domain 0 could not be decoded/,
    );
  });

  it('decodes the other files where one is absent, empty, a folder or something else', async () => {
    const files = {
      good: netflow5({}, [{ sourcePort: 1 }]),
      empty: new Uint8Array(),
      text: ascii('no flows here'),
    };
    const result = await decode(files, 'absent', 'empty', 'folder', 'text', 'good');
    expect(result.code).toBe(1);
    expect(ports(result)).toEqual([1]);
    const lines = result.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const [i, name] of ['absent', 'empty', 'folder', 'text'].entries()) {
      expect(lines[i]).toMatch(new RegExp(`^backtrail: .*/${name}\\b.*\\.$`));
    }
  });

  it('reads an IPFIX file message after message, and a short file as the one datagram it would be', async () => {
    const message = (port: number): Uint8Array =>
      ipfix(
        {},
        templates10(template10(256, [7, 2])),
        data(256, ...Array.from({ length: 300 }, () => [u16(port)])),
      );
    const long = concat(message(1), message(2), message(3));
    const short = ipfix({}, templates10(template10(256, [7, 2])), data(256, [u16(9)]));
    const result = await decode({ long, short: concat(short, short) }, 'long', 'short');
    expect(result.code).toBe(0);
    expect(ports(result)).toEqual([
      ...Array.from({ length: 300 }, () => 1),
      ...Array.from({ length: 300 }, () => 2),
      ...Array.from({ length: 300 }, () => 3),
      9,
    ]);
    expect(result.stderr).toMatch(/^bad-length: 1 time/);
  });

  it('ends with 1 where a capture breaks off, and gives what came before', async () => {
    const whole = pcap(
      {},
      ethernet(ipv4(netflow5({}, [{ sourcePort: 7 }]))),
      ethernet(ipv4(netflow5({}, [{}]))),
    );
    const result = await decode({ cut: whole.subarray(0, whole.length - 10) }, 'cut');
    expect(result.code).toBe(1);
    expect(ports(result)).toEqual([7]);
    expect(result.stderr).toMatch(
      /^backtrail: .*cut breaks off at byte 154: what came before was decoded\.$/m,
    );
  });

  it('names the elements of vendors and the events of firewalls where it is asked to', async () => {
    const message = ipfix(
      {},
      templates10(template10(256, [12_235, VARIABLE, 9], [14, 1, 6871], [1, 4, 99_999], [233, 1])),
      data(256, [variable(ascii('example.org')), u8(0x12), u32(7), u8(2)]),
    );
    const old = netflow9({}, templates9(template9(256, [56_702, 4])), data(256, [ascii('root')]));
    const records = async (...options: string[]): Promise<unknown[]> => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'message'), message);
      writeFileSync(join(folder, 'old'), old);
      const { stdout } = await runCli(['decode', ...options, join(folder, 'message'), join(folder, 'old')]);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
    };
    expect(await records('--named')).toMatchObject([
      { _kind: 'event', ciscoApplicationHttpHost: 'example.org', initialTCPFlags: 18, e99999id1: '00000007' },
      { 'User-ID': 'root' },
    ]);
    expect(await records()).toMatchObject([
      { _kind: 'flow', e9id12235: '6578616d706c652e6f7267', e6871id14: '12', e99999id1: '00000007' },
      { v9f56702: '726f6f74' },
    ]);
  });

  it('shows its usage without files', async () => {
    const result = await runCli(['decode']);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('backtrail decode --help');
  });
});
