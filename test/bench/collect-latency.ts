/**
 * From datagram to subscriber: 50,000 flows a second of NetFlow v5 over loopback, and how long after they were sent whoever
 * watches the collection has them. `npx node test/bench/collect-latency.ts [RUNS]`.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startCollection } from '../../core/app/collect/collect.ts';
import type { FlowBatch } from '../../core/model/flow-batch.ts';

/** 50,000 flows a second: 1,667 datagrams of 30, four seconds long, from a thread of their own. */
const sender = `
const { workerData, parentPort } = require('node:worker_threads');
const { createSocket } = require('node:dgram');
const socket = createSocket('udp4');
const datagram = Buffer.from(workerData.datagram);
socket.connect(workerData.port, '127.0.0.1', () => {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(6667, Math.floor((performance.now() - start) * 1.667));
    for (; sent < due; sent++) {
      const now = Date.now();
      datagram.writeUInt32BE(sent * 30, 16);
      // When it was sent, in every record's octets: milliseconds of the day.
      for (let i = 0; i < 30; i++) datagram.writeUInt32BE(now % 86400000, 24 + 48 * i + 20);
      socket.send(datagram);
    }
    if (sent === 6667) { clearInterval(timer); parentPort.postMessage('done'); }
  }, 1);
});`;

/** Flows that the first second brings: code is compiled, buffers grow. */
const WARM_UP = 50_000;

async function measure(): Promise<Float64Array> {
  const folder = mkdtempSync(join(tmpdir(), 'backtrail-bench-latency-'));
  try {
    const collection = await startCollection({
      folder: join(folder, 'store'),
      listen: [{ scheme: 'udp', host: '127.0.0.1', port: 0 }],
    });
    const delays: number[] = [];
    const unwatch = collection.watch({
      onFlows(batch: FlowBatch) {
        const now = Date.now();
        for (const sentAt of batch.columns.octetDeltaCount) delays.push((now % 86_400_000) - sentAt);
      },
    });
    const datagram = Buffer.alloc(24 + 48 * 30);
    datagram.writeUInt16BE(5, 0);
    datagram.writeUInt16BE(30, 2);
    datagram.writeUInt32BE(Math.floor(Date.now() / 1000), 8);
    const port = Number(/:(\d+)$/.exec(collection.urls[0] ?? '')?.[1]);
    const thread = new Worker(sender, { eval: true, workerData: { datagram, port } });
    await once(thread, 'message');
    await new Promise((resolve) => setTimeout(resolve, 300));
    unwatch();
    await thread.terminate();
    await collection.stop();
    return Float64Array.from(delays.slice(WARM_UP)).sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (let run = 0; run < Number(process.argv[2] ?? 5); run++) {
  const load = loadavg()[0]?.toFixed(1);
  const delays = await measure();
  const at = (share: number): number => delays[Math.floor(delays.length * share)] ?? Number.NaN;
  process.stdout.write(
    `load ${load}: ${delays.length} flows, median ${at(0.5)} ms, p99 ${at(0.99)} ms, greatest ${delays.at(-1)} ms\n`,
  );
}
