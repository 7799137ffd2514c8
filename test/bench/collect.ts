/**
 * Live collection beside nfcapd: the same recorded datagrams at rising rates into each, in one run. Run with a capture of
 * NetFlow v5 datagrams: `npx node test/bench/collect.ts .../netflow5/nf5-isp-2007-80k.pcap [SECONDS [LOWEST-RATE]]`.
 *
 * A rate is reached when nothing was lost: every datagram that was sent was read, every flow is on disk at the end.
 * nfcapd writes its files uncompressed, which is its fastest way. Both have a receive buffer of 4 MiB. The sender takes
 * its part of the same processors; what it takes is printed too.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadElements } from '../../core/app/resources.ts';
import type { CollectStatus } from '../../core/app/collect/collect.ts';
import { DatagramDecoder } from '../../core/decode/datagram-decoder.ts';

const RATES = [50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 1000, 1200, 1500, 1800].map(
  (k) => k * 1000,
);
const WARM_UP_FLOWS = 200_000;
const TICKS_A_SECOND = 100;
const PCAP_HEADER = 24;

const [mode = '', ...rest] = process.argv.slice(2);
const work = join(tmpdir(), `backtrail-bench-collect-${process.pid}`);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** UDP payloads of an Ethernet capture of NetFlow v5. */
function readDatagrams(path: string): Uint8Array[] {
  const bytes = readFileSync(path);
  const payloads: Uint8Array[] = [];
  for (let at = PCAP_HEADER; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const packet = bytes.subarray(at + 16, at + 16 + length);
    const payload = packet.subarray(14 + ((packet[14] ?? 0) & 15) * 4 + 8);
    // The capture's last datagram is cut short, and nfcapd takes nothing of such a one.
    if (payload.length === 24 + 48 * payload.readUInt16BE(2)) payloads.push(payload);
    at += 16 + length;
  }
  return payloads;
}

/** The child: sends `count` datagrams at `rate` a second, again and again from the first; says its processor seconds. */
async function send(path: string, port: number, count: number, rate: number): Promise<void> {
  const payloads = readDatagrams(path);
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setSendBufferSize(4 << 20);
  const start = performance.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.ceil(((performance.now() - start) * rate) / 1000));
    for (; sent < due; sent++) socket.send(payloads[sent % payloads.length] ?? new Uint8Array(0));
    await sleep(1);
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage();
  say(JSON.stringify({ seconds, cpu: (user + system) / 1e6 }));
  socket.close();
}

interface Sent {
  readonly seconds: number;
  readonly cpu: number;
}

async function startSender(path: string, port: number, count: number, rate: number): Promise<Sent> {
  const own = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [own, 'send', path, String(port), String(count), String(rate)]);
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await once(child, 'close');
  return JSON.parse(text) as Sent;
}

interface Usage {
  readonly cpu: number;
  readonly peakMiB: number;
}

function usageOf(pid: number): Usage {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND, peakMiB: Number(peak) / 1024 };
}

interface Run {
  readonly flows: number;
  readonly cpu: number;
  readonly peakMiB: number;
  readonly note: string;
}

interface Peer {
  readonly name: string;
  start(): Promise<{ readonly child: ChildProcess; readonly port: number; finish(): Promise<Run> }>;
}

const backtrail: Peer = {
  name: 'backtrail collect',
  async start() {
    const store = join(work, 'store');
    rmSync(store, { recursive: true, force: true });
    const program = fileURLToPath(new URL('../../core/cli/start.js', import.meta.url));
    const args = ['collect', '--store', store, '--listen', 'udp://127.0.0.1:0', '--format', 'jsonl'];
    const child = spawn(process.execPath, [program, ...args]);
    let said = '';
    let out = '';
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    while (!/Listening at .*:(\d+)\.\n/.test(said)) await sleep(50);
    const port = Number(/Listening at .*:(\d+)\.\n/.exec(said)?.[1]);
    return {
      child,
      port,
      async finish() {
        const begun = performance.now();
        const latest = (): CollectStatus | undefined => {
          const line = out.trimEnd().split('\n').at(-1) ?? '';
          return line.endsWith('}') ? (JSON.parse(line) as CollectStatus) : undefined;
        };
        await sleep(1500);
        const waiting = latest()?.backlog.datagrams ?? 0;
        for (let now = latest(); now && now.storedFlows < now.flows + now.backlog.datagrams; now = latest()) {
          await sleep(200);
        }
        const behind = ((performance.now() - begun) / 1000).toFixed(1);
        const usage = usageOf(child.pid ?? 0);
        child.kill('SIGTERM');
        await once(child, 'close');
        const status = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as CollectStatus;
        const drops = status.listeners[0]?.kernelDrops ?? 0;
        const perFlow = status.storeBytes / Math.max(status.storedFlows, 1);
        const note =
          `${drops} dropped by the kernel, ${status.overrun} left, ${waiting} datagrams waited at the end, ` +
          `all stored ${behind} s later, ${perFlow.toFixed(1)} bytes a flow`;
        return { flows: status.storedFlows, ...usage, note };
      },
    };
  },
};

const nfcapd: Peer = {
  name: 'nfcapd',
  async start() {
    const folder = join(work, 'nfcapd');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    await once(socket, 'close');
    const options = [
      '-w',
      folder,
      '-b',
      '127.0.0.1',
      '-p',
      String(port),
      '-B',
      String(4 << 20),
      '-t',
      '3600',
    ];
    const child = spawn('nfcapd', options, { stdio: 'ignore' });
    await sleep(500);
    return {
      child,
      port,
      async finish() {
        await sleep(1000);
        const usage = usageOf(child.pid ?? 0);
        child.kill('SIGTERM');
        await once(child, 'close');
        const { stdout } = spawnSync('nfdump', ['-R', folder, '-o', 'null'], { encoding: 'utf8' });
        const flows = Number(/flows processed: (\d+)/.exec(stdout)?.[1] ?? 0);
        return { flows, ...usage, note: 'uncompressed' };
      },
    };
  },
};

/** Flows in `count` datagrams, as they are sent. */
function flowsIn(path: string, count: number): number {
  const decoder = new DatagramDecoder({ elements: loadElements() });
  const counts = readDatagrams(path).map((payload) => {
    decoder.push(payload, { address: '127.0.0.1', port: 1, received: null, sourceOffset: 0 });
    return decoder.take(0).batch.count;
  });
  let flows = 0;
  for (let i = 0; i < count; i++) flows += counts[i % counts.length] ?? 0;
  return flows;
}

async function measure(peer: Peer, path: string, seconds: number, lowest: number): Promise<number> {
  const perDatagram = flowsIn(path, readDatagrams(path).length) / readDatagrams(path).length;
  let best = 0;
  let failures = 0;
  for (const rate of RATES.filter((one) => one >= lowest)) {
    const warm = Math.ceil(WARM_UP_FLOWS / perDatagram);
    const count = Math.ceil((rate * seconds) / perDatagram);
    const started = await peer.start();
    const { port } = started;
    // Compiled and grown before it counts.
    await startSender(path, port, warm, 50_000 / perDatagram);
    const sent = await startSender(path, port, count, rate / perDatagram);
    const run = await started.finish();
    const expected = flowsIn(path, warm) + flowsIn(path, count);
    const reached = Math.round(flowsIn(path, count) / sent.seconds);
    const lost = expected - run.flows;
    say(
      `  ${String(reached).padStart(8)} flows/s: ${lost === 0 ? 'nothing lost' : `${lost} of ${expected} flows lost`}; ` +
        `${run.cpu.toFixed(1)} s of processor (sender ${sent.cpu.toFixed(1)} s) in ${sent.seconds.toFixed(1)} s, peak ${Math.round(run.peakMiB)} MiB; ${run.note}`,
    );
    if (lost === 0) best = Math.max(best, reached);
    failures = lost === 0 ? 0 : failures + 1;
    if (failures === 2 || reached < rate * 0.9) break;
  }
  return best;
}

async function compare(path: string, seconds: number, lowest: number): Promise<void> {
  say(`${cpus().length} processors, load before the run ${loadavg()[0]?.toFixed(1)}, ${seconds} s a rate`);
  const results: number[] = [];
  for (const peer of [backtrail, nfcapd]) {
    if (peer === nfcapd && spawnSync('nfcapd', ['-V']).status !== 0) {
      say('nfcapd is not installed: no comparison.');
      continue;
    }
    say(`${peer.name}:`);
    results.push(await measure(peer, path, seconds, lowest));
  }
  const [ours = 0, theirs] = results;
  say(
    `highest rate without loss: backtrail ${ours} flows/s${theirs ? `, nfcapd ${theirs}, ratio ${(ours / theirs).toFixed(2)}` : ''}`,
  );
}

if (mode === 'send') {
  const [path = '', port, count, rate] = rest;
  await send(path, Number(port), Number(count), Number(rate));
} else if (mode === '') {
  say('Name a capture of export datagrams: nothing was measured.');
} else {
  mkdirSync(work, { recursive: true });
  try {
    await compare(mode, Number(rest[0] ?? 5), Number(rest[1] ?? 0));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
