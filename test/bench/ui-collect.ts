/** The workstation while flows are collected: how late they come, what its views do meanwhile, what its page keeps. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { serveStore, type ServerProcess } from '../e2e/server-process.ts';
import { costDuring, framesDuring, liveWords, ms, openPage, say } from './ui-frames.ts';
import { startSender } from './ui-live.ts';
import type { Arrivals } from './ui-page.ts';

const SECONDS = 20;
/** A view has opened when so much time has passed since its content was there. */
const SETTLE_MS = 4000;
const HEAP_MS = 10_000;

/** The keys that open the views; the Tracker shows arcs when its live mode is chosen. */
export const viewKeys = {
  sources: '1',
  explore: '2',
  trace: '3',
  tracker: '4',
  arcs: '4',
  health: '7',
} as const;
type ViewName = keyof typeof viewKeys;

export interface LiveBench {
  readonly browser: Browser;
  readonly server: ServerProcess;
  readonly page: Page;
  readonly port: number;
  readonly rate: number;
  close(): Promise<void>;
}

/** A collector that runs, and a page that can ask what the bench needs. */
export async function startLive(browser: Browser, folder: string, rate: number): Promise<LiveBench> {
  const server = await serveStore({ store: folder });
  const page = await openPage(browser, server.url, 'screen=sources');
  const port = await freePort();
  await page.evaluate(await pageScript());
  await page.evaluate(`benchPage.client.call('collect.start', { listen: ['udp://127.0.0.1:${port}'] })`);
  return {
    browser,
    server,
    page,
    port,
    rate,
    async close() {
      await page.context().close();
      await server.stop();
    },
  };
}

export async function latency({ page, port, rate }: LiveBench): Promise<void> {
  for (const flows of [1000, rate]) {
    const sender = startSender(port, flows);
    await sleep(2000);
    const seen = await page.evaluate<Arrivals>(`benchPage.arrivals(${SECONDS * 1000})`);
    await sender.stop();
    const share = ((100 * seen.leftOut) / Math.max(1, seen.shown + seen.leftOut)).toFixed(1);
    const [p50, p99, most] = seen.quantiles.map(ms);
    say(
      `  ${flows} flows/s: datagram sent to flow in the page: median ${p50}, p99 ${p99}, longest ${most} over ${seen.shown} flows in ${seen.items} items (${share} % came as counts alone)`,
    );
  }
}

/** Each view opened while one exporter sends, and then looked at; a blank page beside it says what the machine itself does. */
export async function views(live: LiveBench, names: readonly string[]): Promise<void> {
  const { browser, page, port, rate, server } = live;
  const unknown = names.find((name) => !isView(name));
  if (unknown !== undefined) throw new Error(`no view ${unknown}: ${Object.keys(viewKeys).join(', ')}`);
  const blank = await openPage(browser, 'about:blank', '');
  const sender = startSender(port, rate);
  try {
    await sleep(1000);
    for (const name of names.filter(isView)) {
      const flows = await page.evaluate<number>(STORED);
      const opening = await framesDuring(page, () => open(page, name));
      let frames: readonly number[] = [];
      let idle: readonly number[] = [];
      const cost = await costDuring(page, server.pid, async () => {
        idle = await framesDuring(blank, async () => {
          frames = await framesDuring(page, () => sleep(SECONDS * 1000));
        });
      });
      say(`  ${name}, ${flows.toLocaleString('en')} flows stored before:`);
      say(`    while it opens   ${liveWords(opening)}`);
      say(`    then, for ${SECONDS} s  ${liveWords(frames)}; ${cost}`);
      say(`    a blank page     ${liveWords(idle)}`);
    }
  } finally {
    await sender.stop();
  }
  await blank.context().close();
}

const STORED = `benchPage.client.call('query.top', { fields: ['proto'], by: 'flows', limit: 1 }).then((answer) => answer.total.flows)`;
const isView = (name: string): name is ViewName => name in viewKeys;

async function open(page: Page, name: ViewName): Promise<void> {
  await page.keyboard.press(viewKeys[name]);
  if (name === 'tracker' || name === 'arcs') {
    const mode = name === 'arcs' ? 'Live' : 'Path';
    await page.getByRole('radiogroup', { name: 'What the globe shows' }).getByText(mode).click();
    await page.locator('[data-testid="globe"][data-ready="true"]').waitFor();
  }
  await sleep(SETTLE_MS);
}

/** The JavaScript heap of Explore after collections, at a tenth of the rate. */
export async function memory({ page, port, rate }: LiveBench, minutes: number): Promise<void> {
  const sender = startSender(port, rate / 10);
  await page.keyboard.press(viewKeys.explore);
  const devtools = await page.context().newCDPSession(page);
  const heap: number[] = [];
  const steps = Math.max(2, Math.round((minutes * 60_000) / HEAP_MS));
  for (let step = 0; step <= steps; step++) {
    await sleep(HEAP_MS);
    await devtools.send('HeapProfiler.collectGarbage');
    heap.push((await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20);
  }
  await sender.stop();
  const settled = heap.slice(Math.floor(heap.length / 3));
  say(
    `  Explore at ${rate / 10} flows/s, JavaScript heap after a collection, each 10 s, MiB: ${heap.map((size) => size.toFixed(1)).join(' ')}`,
  );
  say(
    `  after the first third: ${(60 * slope(settled)).toFixed(2)} MiB an hour by the line of least squares, between ${Math.min(...settled).toFixed(1)} and ${Math.max(...settled).toFixed(1)} MiB`,
  );
}

/** MiB a minute by the line of least squares through samples of `HEAP_MS`. */
function slope(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, size) => sum + size, 0) / samples.length;
  const over = samples.reduce((sum, size, i) => sum + (i - middle) * (size - mean), 0);
  const under = samples.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return (over / under) * (60_000 / HEAP_MS);
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function pageScript(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('ui-page.ts', import.meta.url)),
        formats: ['iife'],
        name: 'benchPage',
      },
    },
  });
  const [{ output }] = built as unknown as [{ output: [{ code: string }] }];
  return `${output[0].code}; globalThis.benchPage = benchPage;`;
}
