import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeShared, describeWith, runCli, sharedPath, temporaryFolder } from '../support.ts';

const config = (device: string, target = '192.0.2.10:2055'): ReturnType<typeof runCli> =>
  runCli(['exporter-config', '--for', device, '--to', target]);

/** Lines that a device acts on: no comments, no empty ones. */
const active = (text: string, comment: string): string[] =>
  text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith(comment));

describe('backtrail exporter-config', () => {
  it.each([
    ['cisco', '!', ['ip flow-cache timeout inactive 15', 'ip flow-export destination 192.0.2.10 2055']],
    [
      'cisco-fnf',
      '!',
      [
        ' cache timeout inactive 15',
        ' cache timeout active 60',
        ' destination 192.0.2.10',
        ' transport udp 2055',
      ],
    ],
    [
      'juniper',
      '#',
      [
        'set services flow-monitoring version-ipfix template backtrail-v4 flow-inactive-timeout 15',
        'set forwarding-options sampling instance backtrail family inet output flow-server 192.0.2.10 port 2055',
      ],
    ],
    [
      'mikrotik',
      '#',
      [
        '/ip traffic-flow target add dst-address=192.0.2.10 port=2055 version=ipfix v9-template-refresh=20 v9-template-timeout=1m',
      ],
    ],
    ['nfprobe', '!', ['nfprobe_receiver: 192.0.2.10:2055']],
    [
      'ovs',
      '#',
      [
        String.raw`ovs-vsctl -- set Bridge br0 netflow=@backtrail -- --id=@backtrail create NetFlow targets=\"192.0.2.10:2055\" active_timeout=60`,
      ],
    ],
  ])('has the lines for %s, the rest as its comments', async (device, comment, lines) => {
    const { code, stdout, stderr } = await config(device);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(active(stdout, comment)).toEqual(expect.arrayContaining(lines));
    expect(stdout.startsWith(`${comment} Backtrail: `)).toBe(true);
    expect(stdout).not.toMatch(/[{}]/);
    expect(stdout).toMatch(/A trace compares when connections fall silent/);
  });

  it('writes IPv6 targets as each device wants them', async () => {
    expect((await config('softflowd', '[2001:db8::1]:2055')).stdout).toContain(' -n [2001:db8::1]:2055 ');
    expect((await config('cisco-fnf', '[2001:db8::1]:2055')).stdout).toContain(' destination 2001:db8::1\n');
    const refused = await config('cisco', '[2001:db8::1]:2055');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/IPv4 only/) });
  });

  it.each(['192.0.2.10', '192.0.2.300:2055', 'host:0', 'a b:1', '[::1:2055', 'host:70000', ''])(
    'refuses the target %j in a sentence',
    async (target) => {
      const { code, stdout, stderr } = await config('cisco', target);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/is no target: write HOST:PORT/);
    },
  );

  it('names the devices it knows where another is asked for', async () => {
    const { code, stderr } = await config('abacus');
    expect(code).toBe(2);
    expect(stderr).toMatch(/cisco, cisco-fnf, juniper, mikrotik, softflowd, nfprobe, ovs/);
  });
});

/** Runs the exporter over recorded packets; resolves with the first bytes of what it sent. */
async function exported(
  start: (port: number) => Promise<readonly [string, readonly string[]]>,
): Promise<number[]> {
  const socket = createSocket('udp4');
  const versions: number[] = [];
  socket.on('message', (payload) => versions.push(payload.readUInt16BE(0)));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const [command, args] = await start(socket.address().port);
  const child = spawn(command, args, { stdio: 'ignore', timeout: 20_000 });
  await once(child, 'close');
  socket.close();
  return versions;
}

describeShared('the lines for software exporters', () => {
  const packets = sharedPath('lab/a_paper_v5/lan-US.pcap') ?? '';

  describeWith('softflowd', 'of softflowd', () => {
    it('are taken by it as they are, a recording in place of the interface', async () => {
      const versions = await exported(async (port) => {
        const { stdout } = await config('softflowd', `127.0.0.1:${port}`);
        const [command = '', ...args] = (active(stdout, '#')[0] ?? '').split(' ');
        const recorded = args.map((arg) => (arg === 'eth0' ? packets : arg === '-i' ? '-r' : arg));
        return [command, [...recorded, '-d', '-c', 'none', '-p', join(temporaryFolder(), 'pid')]];
      });
      expect(versions.length).toBeGreaterThan(5);
      expect(new Set(versions)).toEqual(new Set([9]));
    });
  });

  describeWith('pmacctd', 'of nfprobe', () => {
    it('are taken by it as they are, a recording in place of the interface', async () => {
      const versions = await exported(async (port) => {
        const { stdout } = await config('nfprobe', `127.0.0.1:${port}`);
        const path = join(temporaryFolder(), 'pmacctd.conf');
        const recorded = stdout
          .replace('pcap_interface: eth0', `pcap_savefile: ${packets}`)
          .replace('daemonize: true', 'daemonize: false');
        writeFileSync(path, recorded);
        return ['pmacctd', ['-f', path]];
      });
      expect(versions.length).toBeGreaterThan(5);
      expect(new Set(versions)).toEqual(new Set([10]));
    });
  });
});
