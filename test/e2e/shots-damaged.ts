/** What is wrong, in pictures: files that could not be read, an exporter that loses datagrams, a server that is gone. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { netflow5, type Flow5 } from '../build/netflow.ts';
import { freePort } from './free-port.ts';
import type { Shot } from './shots.ts';

const whole = readFileSync(new URL('../../resources/sample/korea/nfcapd.202611210040', import.meta.url));

const files = [
  { name: 'empty.nfcapd', mimeType: 'application/octet-stream', buffer: Buffer.alloc(0) },
  {
    name: 'photo.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(2000, 7)]),
  },
  {
    name: 'nfcapd.cut',
    mimeType: 'application/octet-stream',
    buffer: whole.subarray(0, Math.floor(whole.length * 0.6)),
  },
];

const flow = (source: string, destination: string): Flow5 => ({
  source,
  destination,
  sourcePort: 40_000,
  destinationPort: 22,
  protocol: 6,
  packets: 20,
  octets: 4000,
  first: 99_000,
  last: 100_000,
});

const flows = [
  flow('121.140.17.66', '87.138.92.20'),
  flow('87.138.92.20', '177.34.210.9'),
  flow('177.34.210.9', '73.162.44.200'),
];

/** A collector listens; its port, as the page says it. */
async function collectorPort(page: Page): Promise<number> {
  const listening = page.getByText(/^Listening on/);
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await listening.or(start).first().waitFor();
  if (await start.isVisible()) {
    await page.getByLabel('UDP port').fill(String(await freePort()));
    await start.click();
    await listening.waitFor();
  }
  return Number(/:(\d+)\D*$/.exec(await listening.innerText())?.[1]);
}

/** Every second datagram is missing. */
async function sendLossy(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const seconds = Math.floor(Date.now() / 1000);
  const start = Date.now() % 1_000_000_000;
  for (let sequence = start; sequence < start + 60; sequence += 2 * flows.length) {
    const bytes = netflow5({ sysUpTime: 100_000, seconds, sequence }, flows);
    await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
  }
  socket.close();
}

const store = 'damaged';

export const damagedShots: readonly Shot[] = [
  {
    name: 'sources-damaged',
    query: 'screen=sources',
    store,
    async prepare(page) {
      const chosen = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose files' }).click();
      await (await chosen).setFiles(files);
      await page.locator('[data-testid="import-job"]:not([data-state="running"])').first().waitFor();
      await sendLossy(await collectorPort(page));
      await page.getByRole('grid', { name: 'Exporters' }).getByText('127.0.0.1').first().waitFor();
      await page.waitForTimeout(1500);
    },
  },
  {
    name: 'explore-lossy',
    query: 'screen=explore',
    store,
    prepare: (page) =>
      page
        .getByRole('button', { name: /^lossy/ })
        .first()
        .hover(),
  },
  {
    name: 'health-lossy',
    query: 'screen=health',
    store,
    prepare: (page) => page.getByText('exporters lossy').first().waitFor(),
  },
  {
    name: 'tracker-live-flows',
    query: 'screen=sources',
    store,
    async prepare(page) {
      const port = await collectorPort(page);
      await page.keyboard.press('4');
      await page.getByText('Live', { exact: true }).click();
      await page.locator('[data-testid="globe"][data-ready="true"]').waitFor();
      await page.waitForTimeout(1500);
      await sendLossy(port);
      await page.getByTestId('pairs').getByText('→').first().waitFor();
      await page.waitForTimeout(1000);
    },
  },
  {
    name: 'link-lost',
    query: 'screen=explore',
    async prepare(page) {
      await page.routeWebSocket(/./, (socket) => socket.close());
      await page.reload();
      await page.getByText('Backtrail does not answer yet.').waitFor();
    },
  },
];
