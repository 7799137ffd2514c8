import { createSocket } from 'node:dgram';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { netflow5 } from '../build/netflow.ts';
import { describeWith } from '../support.ts';
import { freePort } from './free-port.ts';
import { builtRenderer, expectSoon, graveFindings, openPage, openSample, startServer } from './support.ts';

const flow = {
  source: '10.0.0.1',
  destination: '198.51.100.7',
  sourcePort: 4000,
  destinationPort: 22,
  protocol: 6,
  packets: 2,
  octets: 100,
  first: 90_000,
  last: 95_000,
};

/** One flow a datagram; v5 counts flows in its sequence numbers. */
const datagram = (sequence: number): Uint8Array =>
  netflow5({ sysUpTime: 100_000 + sequence, seconds: Math.floor(Date.now() / 1000), sequence }, [flow]);

/** Sends datagrams from one port of the loopback. */
async function send(port: number, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const bytes of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  }
  socket.close();
}

/** A page on Health, with a collector that listens. */
async function collecting(): Promise<{ page: Page; port: number }> {
  const { url } = await startServer();
  const page = await openPage(url);
  const port = await freePort();
  await page.getByLabel('UDP port').fill(String(port));
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText(`Listening on udp://127.0.0.1:${port}`).waitFor();
  await page.keyboard.press('7');
  await page.getByTestId('health-drops').waitFor();
  return { page, port };
}

describeWith('chromium', 'the Health screen', () => {
  beforeAll(builtRenderer, 120_000);

  it('shows what a live exporter lost, by the gap in its sequence numbers', async () => {
    const { page, port } = await collecting();
    await send(port, [datagram(0), datagram(1), datagram(2), datagram(6)]);
    const row = page.getByRole('grid', { name: 'Exporters as witnesses' }).getByRole('row').nth(1);
    await expectSoon(() => row.innerText()).toMatch(/3 · 42\.86 %/);
    expect(await page.getByTestId('health-loss').getAttribute('data-tone')).toBe('bad');
    expect(await page.getByTestId('health-loss').innerText()).toContain('1 of 1 exporters lossy');
    // A flow that ended after the collection began: its time is on the timeline.
    await page.waitForTimeout(2500);
    const seconds = Math.floor(Date.now() / 1000);
    const late = { ...flow, first: 99_000, last: 100_000 };
    await send(port, [netflow5({ sysUpTime: 100_000, seconds, sequence: 7 }, [late])]);
    await page.keyboard.press('2');
    const strip = page.getByRole('img', { name: /^127\.0\.0\.1: its sequence numbers miss 3 units/ });
    await strip.waitFor();
    expect((await strip.boundingBox())?.width).toBeGreaterThan(1);
    expect(await graveFindings(page)).toEqual([]);
  });

  it('shows the bytes of a datagram that could not be decoded', async () => {
    const { page, port } = await collecting();
    await send(port, [datagram(0).subarray(0, 40)]);
    const fault = page.getByRole('region', { name: 'Decode issues' }).getByRole('button').first();
    await fault.click();
    const bytes = await page.getByLabel(/^The datagram/).innerText();
    expect(bytes).toMatch(/^0000 {2}00 05 00 01/);
  });

  it('says of archives without datagram headers that their loss cannot be told', async () => {
    const { url } = await startServer();
    const page = await openPage(url);
    await openSample(page);
    await page.keyboard.press('7');
    const row = (site: string) =>
      page.getByRole('grid', { name: 'Exporters as witnesses' }).getByRole('row').filter({ hasText: site });
    await expectSoon(() => row('Korea').innerText()).toContain('cannot be told');
    expect(await row('Germany').first().innerText()).toContain('none');
    await expectSoon(() => page.getByRole('region', { name: 'Store' }).innerText()).toContain('2026-11-21');
    await expectSoon(() => page.getByRole('region', { name: 'Coverage' }).getByRole('img').count()).toBe(4);
  });

  it('says what to do where nothing was collected or imported', async () => {
    const { url } = await startServer();
    const page = await openPage(url.replace('/#', '/?screen=health#'));
    await page.getByText('No exporter is known yet.').waitFor();
    expect(await page.getByText('Nothing is being collected.').isVisible()).toBe(true);
    expect(await page.getByText('No store is open yet.').isVisible()).toBe(true);
  });

  it('has no serious violation of accessibility in either theme', async () => {
    const { url } = await startServer();
    const page = await openPage(url);
    await openSample(page);
    await page.keyboard.press('7');
    await page.getByRole('region', { name: 'Store' }).getByText('2026-11-21').waitFor();
    for (const theme of ['dark', 'light']) {
      expect(await graveFindings(page), theme).toEqual([]);
      await page.keyboard.press('d');
    }
  }, 180_000);
});
