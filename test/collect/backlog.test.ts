import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../core/collect/backlog.ts';
import { Pump, type DatagramReader } from '../../core/collect/pump.ts';
import { epochMs } from '../../core/model/time.ts';
import { netflow5 } from '../build/netflow.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { listFlows, sendDatagrams, startCollector } from './collector.ts';

const small = { blockBytes: 1024, memoryBlocks: 2, diskBlocks: 1000 };

/** A payload that says its number, between 4 and 103 bytes long. */
function numbered(i: number): Uint8Array {
  const payload = new Uint8Array(4 + (i % 100)).fill(i & 255, 4);
  new DataView(payload.buffer).setUint32(0, i);
  return payload;
}

const numberOf = (payload: Uint8Array): number =>
  new DataView(payload.buffer, payload.byteOffset).getUint32(0);

const push = (backlog: Backlog, i: number): boolean =>
  backlog.push(numbered(i), `192.0.2.${i % 5}`, 1000 + (i % 7), epochMs(1_790_000_000_000 + i));

/** Waits where the disk is slower than we are. */
async function pushAll(backlog: Backlog, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) while (!push(backlog, i)) await sleep(1);
}

/** Everything that comes out, waiting for the disk where it must. */
async function takeAll(backlog: Backlog, ready: () => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  while (!backlog.empty) {
    const next = backlog.shift();
    if (!next) {
      await ready();
      continue;
    }
    const i = numberOf(next.payload);
    expect([...next.payload]).toEqual([...numbered(i)]);
    expect(next).toMatchObject({ address: `192.0.2.${i % 5}`, port: 1000 + (i % 7) });
    expect(next.received).toBe(1_790_000_000_000 + i);
    taken.push(i);
  }
  return taken;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('the backlog of a collector', () => {
  it('gives datagrams back in the order they came, whether memory or files held them', async () => {
    const folder = join(temporaryFolder(), 'backlog');
    const backlog = new Backlog(() => undefined, small);
    await backlog.useFolder(folder);
    await pushAll(backlog, 0, 500);
    while (backlog.status().bytesOnDisk < 20_000) await sleep(5);
    expect(backlog.status()).toMatchObject({ datagrams: 500, oldestReceived: 1_790_000_000_000 });
    expect(await takeAll(backlog, async () => sleep(1))).toEqual(upTo(500));
    await backlog.close();
    expect(backlog.status()).toMatchObject({ datagrams: 0, bytes: 0, bytesOnDisk: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps the order while it is filled and emptied at once', async () => {
    const backlog = new Backlog(() => undefined, small);
    await backlog.useFolder(join(temporaryFolder(), 'backlog'));
    const taken: number[] = [];
    for (let i = 0; i < 2000; i++) {
      await pushAll(backlog, i, i + 1);
      // Three come for two that go, in bursts.
      for (let n = i % 3 === 0 ? 0 : 1; n > 0; n--) {
        const next = backlog.shift();
        if (next) taken.push(numberOf(next.payload));
      }
    }
    taken.push(...(await takeAll(backlog, async () => sleep(1))));
    expect(taken).toEqual(upTo(2000));
    await backlog.close();
  });

  it('leaves to the next collection what its files hold', async () => {
    const folder = join(temporaryFolder(), 'backlog');
    const first = new Backlog(() => undefined, small);
    await first.useFolder(folder);
    await pushAll(first, 0, 300);
    await first.close();
    const second = new Backlog(() => undefined, small);
    const left = await second.useFolder(folder);
    expect(left).toBeGreaterThan(200);
    push(second, 300);
    const taken = await takeAll(second, async () => sleep(1));
    expect(taken).toHaveLength(left + 1);
    // The first blocks were in memory; what follows is whole, in order, and before anything new.
    expect(taken).toEqual(
      upTo(301)
        .slice(taken[0])
        .filter((i) => taken.includes(i)),
    );
    expect(taken.at(-1)).toBe(300);
    const third = new Backlog(() => undefined, small);
    expect(await third.useFolder(folder)).toBe(0);
  });

  it.each([
    ['is cut short', (file: string) => truncateSync(file, 200)],
    ['has a changed byte', (file: string) => flip(file, 100)],
    ['is empty', (file: string) => truncateSync(file, 0)],
    ['claims more than it holds', (file: string) => flip(file, 13)],
  ])('says so where a file %s, and goes on with the next', async (_, harm) => {
    const folder = join(temporaryFolder(), 'backlog');
    const first = new Backlog(() => undefined, small);
    await first.useFolder(folder);
    await pushAll(first, 0, 300);
    await first.close();
    const files = readdirSync(folder).toSorted();
    harm(join(folder, files[1] ?? ''));
    const second = new Backlog(() => undefined, small);
    await second.useFolder(folder);
    const whole = await takeAll(second, async () => sleep(1));
    expect(second.problem).toMatch(/cannot be read back .* is not what was written/);
    expect(whole.length).toBeGreaterThan(150);
    expect(second.status()).toMatchObject({ datagrams: 0, bytes: 0 });
    await second.close();
  });

  it('refuses datagrams, and says that it does, when neither memory nor disk has room', async () => {
    const reader = stoppedReader();
    const pump = new Pump(reader, { ...small, diskBlocks: 3 });
    await pump.useFolder(join(temporaryFolder(), 'backlog'));
    for (let i = 0; i < 500; i++) {
      pump.datagram(numbered(i), { address: '192.0.2.1', port: 1 });
      if (i % 20 === 0) await sleep(1);
    }
    expect(reader.left).toBeGreaterThan(300);
    expect(pump.status().datagrams + reader.left).toBe(500);
    reader.blocked = false;
    pump.wake();
    await pump.drain();
    expect(reader.read + reader.left).toBe(500);
  });

  it('goes on in memory where the folder cannot be made', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const backlog = new Backlog(() => undefined, small);
    expect(await backlog.useFolder(join(file, 'backlog'))).toBe(0);
    expect(backlog.problem).toMatch(/Nothing can wait in/);
    expect(push(backlog, 0)).toBe(true);
    expect(numberOf(backlog.shift()?.payload ?? new Uint8Array(4))).toBe(0);
  });
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x55;
  writeFileSync(path, bytes);
}

/** Decodes nothing until it is told to. */
function stoppedReader(): DatagramReader & { blocked: boolean; read: number; left: number } {
  return {
    blocked: true,
    read: 0,
    left: 0,
    admits: () => true,
    datagram() {
      this.read++;
    },
    leave() {
      this.left++;
    },
  };
}

describe('backtrail collect behind a burst', () => {
  const now = (): number => Math.floor(Date.now() / 1000);
  const thirty = (first: number): Uint8Array =>
    netflow5(
      { sysUpTime: 100_000, seconds: now(), sequence: first },
      Array.from({ length: 30 }, (_, i) => ({
        source: '10.0.0.1',
        destination: '198.51.100.7',
        sourcePort: (first + i) & 0xffff,
        destinationPort: 22,
        protocol: 6,
        packets: 2,
        octets: 100,
        first: 90_000,
        last: 95_000,
      })),
    );

  it('reads after a SIGKILL what it had received and not yet read', async () => {
    const store = join(temporaryFolder(), 'store');
    const first = await startCollector(store);
    await first.end();
    // A collection that was cut off behind a burst, by the code that writes such files.
    const child = spawn(process.execPath, [join(repositoryRoot, 'test/collect/backlog-child.ts'), store]);
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    const left = readdirSync(join(store, 'backlog')).length;
    expect(left).toBeGreaterThan(2);
    const next = await startCollector(store);
    const told = /(\d+) datagrams that it had received and not yet read are read now\./.exec(next.stderr());
    const datagrams = Number(told?.[1]);
    expect(datagrams).toBeGreaterThan(1000);
    await sendDatagrams(next.ports[0] ?? 0, [thirty(1_000_000)]);
    await next.until(({ flows }) => flows === (datagrams + 1) * 30);
    expect(await next.end()).toBe(0);
    expect(readdirSync(join(store, 'backlog'))).toEqual([]);
    const flows = await listFlows(store);
    expect(flows).toHaveLength((datagrams + 1) * 30);
    expect(existsSync(join(store, 'backlog'))).toBe(true);
  });
});
