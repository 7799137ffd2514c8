/** Datagrams of NetFlow v5 at a rate, from a process of its own; each flow begins when its datagram is sent. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../build/flow-chunks.ts';

const own = fileURLToPath(import.meta.url);
const FLOWS = 30;
const HEADER = 24;
const RECORD = 48;
const UPTIME = 1_000_000;

/** Sends until it is stopped. Resolves when it has ended. */
export function startSender(port: number, flowsPerSecond: number): { stop(): Promise<void> } {
  const child = spawn(process.execPath, [own, 'send', String(port), String(flowsPerSecond)], {
    stdio: 'inherit',
  });
  return {
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function send(port: number, flowsPerSecond: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const random = seededRandom(1);
  const start = performance.now();
  for (let sent = 0; ;) {
    const due = ((performance.now() - start) * flowsPerSecond) / 1000 / FLOWS;
    for (; sent < due; sent++) socket.send(datagram(sent * FLOWS, random));
    await sleep(1);
  }
}

function datagram(sequence: number, random: () => number): Buffer {
  const bytes = Buffer.alloc(HEADER + FLOWS * RECORD);
  const now = performance.timeOrigin + performance.now();
  bytes.writeUInt16BE(5, 0);
  bytes.writeUInt16BE(FLOWS, 2);
  bytes.writeUInt32BE(UPTIME, 4);
  bytes.writeUInt32BE(Math.floor(now / 1000), 8);
  bytes.writeUInt32BE(Math.floor((now % 1000) * 1e6), 12);
  bytes.writeUInt32BE(sequence >>> 0, 16);
  for (let at = HEADER; at < bytes.length; at += RECORD) {
    // Both ends lie in countries: the Tracker draws an arc a pair.
    bytes.writeUInt32BE((0x5000_0000 + (random() % 20_000) * 4096) >>> 0, at);
    bytes.writeUInt32BE((0x2000_0000 + (random() % 60_000) * 4096) >>> 0, at + 4);
    bytes.writeUInt32BE(1 + (random() % 40), at + 16);
    bytes.writeUInt32BE(40 + (random() % 60_000), at + 20);
    bytes.writeUInt32BE(UPTIME, at + 24);
    bytes.writeUInt32BE(UPTIME, at + 28);
    bytes.writeUInt16BE(32_768 + (random() % 28_000), at + 32);
    bytes.writeUInt16BE([443, 53, 80, 22][random() % 4] ?? 443, at + 34);
    bytes[at + 38] = random() % 4 === 1 ? 17 : 6;
  }
  return bytes;
}

const [mode, port, rate] = process.argv.slice(2);
if (process.argv[1] === own && mode === 'send') await send(Number(port), Number(rate));
