import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, temporaryFolder } from '../support.ts';
import { freePort } from './free-port.ts';
import {
  expectSoon,
  flowCount,
  graveFindings,
  openPage,
  openSample,
  startServer,
  startWithSample,
} from './support.ts';

const token = 'a-token-that-survives-a-restart';

async function explore(url: string, query = ''): Promise<Page> {
  const page = await openPage(url.replace('/#', `/?screen=explore${query}#`));
  await page.getByTestId('flow-count').waitFor();
  return page;
}

describeWith('chromium', 'the frame', () => {
  let url: string;

  beforeAll(async () => {
    url = await startWithSample();
  }, 120_000);

  it('keeps the view over a reload, and Back and Forward walk through its steps', async () => {
    const page = await explore(url, '&filter=dst+port+22');
    const narrow = await flowCount(page);
    await page.reload();
    await expectSoon(() => flowCount(page)).toBe(narrow);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expectSoon(() => flowCount(page)).toBeGreaterThan(narrow);
    await page.goBack();
    await expectSoon(() => flowCount(page)).toBe(narrow);
    expect(await page.getByRole('combobox', { name: 'Filter' }).inputValue()).toBe('dst port 22');
    await page.goForward();
    await expectSoon(() => flowCount(page)).toBeGreaterThan(narrow);
  });

  it('narrows to a typed range of time, and refuses one that ends before it begins', async () => {
    const page = await explore(url);
    const all = await flowCount(page);
    await page.getByTestId('time-range').click();
    await page.getByLabel('From (UTC)').fill('2026-11-21T00:40:00Z');
    await page.getByLabel('To (UTC), not included').fill('2026-11-21T00:39:00Z');
    await page.getByText('The end must lie after the start.').waitFor();
    await page.getByLabel('To (UTC), not included').fill('2026-11-21T00:41:00Z');
    await page.keyboard.press('Enter');
    await expectSoon(() => flowCount(page)).toBeLessThan(all);
    expect(await page.getByTestId('time-range').innerText()).toContain('21 Nov 2026 · 00:40 – 00:41');
  });

  it('runs a command of the palette by keyboard alone', async () => {
    const page = await explore(url);
    await page.keyboard.press('Control+k');
    await page.getByLabel('Command', { exact: true }).fill('light');
    await page.keyboard.press('Enter');
    await expectSoon(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('light');
    await page.keyboard.press('1');
    await expectSoon(() => page.title()).toBe('Sources · Backtrail');
  });

  it('saves a filter with the store, for another browser as well', async () => {
    const page = await explore(url, '&filter=dst+port+22');
    await page.getByRole('button', { name: 'Saved and used filters' }).click();
    await page.getByLabel('Name for the present filter').fill('logins');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: /logins/ }).waitFor();
    const other = await explore(url);
    await other.getByRole('button', { name: 'Saved and used filters' }).click();
    await other.getByRole('menuitem', { name: /logins/ }).click();
    await expectSoon(() => other.getByRole('combobox', { name: 'Filter' }).inputValue()).toBe('dst port 22');
    await other.getByRole('button', { name: 'Clear the filter' }).click();
    await other.getByRole('combobox', { name: 'Filter' }).pressSequentially('log');
    await other.getByRole('option', { name: /saved as logins/ }).waitFor();
    await other.keyboard.press('Tab');
    await expectSoon(() => other.getByRole('combobox', { name: 'Filter' }).inputValue()).toBe('dst port 22 ');
  });

  it('shows in a second browser what the first one imports', async () => {
    const server = await startServer();
    const [first, second] = [await openPage(server.url), await openPage(server.url)];
    await second.getByText('Nothing is stored yet.').waitFor();
    await openSample(first);
    await second.getByRole('grid', { name: 'Sources' }).getByText('germany/netflow.pcap').waitFor();
    expect(await second.getByTestId('stored-flows').innerText()).toBe('4.4 k');
  });

  it('says that the server is lost, and goes on by itself when it is back', async () => {
    const [store, port] = [temporaryFolder(), await freePort()];
    const server = await startServer({ store, port, token });
    const page = await openPage(server.url);
    await openSample(page);
    await page.keyboard.press('2');
    await page.getByTestId('flow-count').waitFor();
    const before = await flowCount(page);
    await server.stop();
    await page.getByText('The connection to Backtrail is lost.').waitFor();
    expect(await flowCount(page)).toBe(before);
    await startServer({ store, port, token });
    await page.getByText('The connection to Backtrail is lost.').waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Filter' }).fill('dst port 22');
    await page.keyboard.press('Enter');
    await expectSoon(() => flowCount(page)).toBeLessThan(before);
  });

  it('has no serious violation of accessibility in either theme', async () => {
    for (const screen of ['sources', 'explore']) {
      const page = await openPage(url.replace('/#', `/?screen=${screen}#`));
      await page.getByRole('grid').first().getByRole('row').nth(2).waitFor();
      expect(await graveFindings(page), screen).toEqual([]);
      await page.keyboard.press('d');
      expect(await graveFindings(page), `${screen}, light`).toEqual([]);
    }
  });

  it('fits 1280 by 720 and a zoom of 200 per cent without a sideways scroll bar', async () => {
    for (const [width, height] of [
      [1280, 720],
      [800, 500],
    ] as const) {
      for (const screen of ['sources', 'explore']) {
        const page = await openPage(url.replace('/#', `/?screen=${screen}#`), { width, height });
        await page.getByRole('grid').first().getByRole('row').nth(1).waitFor();
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${screen} at ${width}`).toBeLessThanOrEqual(0);
        expect(await page.getByRole('combobox', { name: 'Filter' }).isVisible()).toBe(true);
      }
    }
  });

  it('breaks no rule of its own content security policy', async () => {
    const page = await openPage('about:blank');
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(url.replace('/#', '/?screen=explore#'));
    await page.getByTestId('flow-count').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Command', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    expect(faults).toEqual([]);
  });
});
