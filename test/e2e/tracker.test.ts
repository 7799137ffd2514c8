import { createSocket } from 'node:dgram';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { netflow5 } from '../build/netflow.ts';
import { describeWith } from '../support.ts';
import { builtRenderer, expectSoon, freePort, openPage, openSample, startServer } from './support.ts';

vi.setConfig({ testTimeout: 240_000 });
/** Without a graphics card a picture of the globe takes seconds where other programs run, and clicks wait for pictures. */
const PATIENCE = 90_000;

/** Large enough for every column, and no larger: the globe is drawn without a graphics card here. */
const size = { width: 1000, height: 720 };

/** Opens the Tracker on a store with the sample case, in one of its modes. */
async function openTracker(url: string, mode: 'path' | 'live' | 'replay'): Promise<Page> {
  const page = await openPage(url.replace('/#', `/?screen=tracker&x-globe=${mode}#`), size);
  page.setDefaultTimeout(PATIENCE);
  return page;
}

/** Opens the Tracker with the path of the sample case. */
async function openPath(url: string): Promise<Page> {
  const page = await openTracker(url, 'path');
  await page.getByRole('button', { name: 'Trace the sample case' }).click();
  await globeReady(page);
  await page.getByTestId('hop-card').nth(3).waitFor();
  await page.getByText('1 · Yeongdeungpo-gu, South Korea').first().waitFor();
  return page;
}

const globeReady = (page: Page): Promise<void> =>
  page.locator('[data-testid="globe"][data-ready="true"]').waitFor();

const cards = (page: Page): Promise<string[]> => page.getByTestId('hop-card').allInnerTexts();
const clock = (page: Page): Promise<string> => page.getByTestId('play-clock').innerText();

/** Where the dot of a machine is in the window, also behind the planet. */
async function dot(page: Page, number: number): Promise<{ x: number; y: number; hidden: boolean }> {
  return page.evaluate(`(() => {
    const anchor = document.querySelector('[data-point="hop-${number}"]');
    const { x, y } = anchor.getBoundingClientRect();
    return { x, y, hidden: getComputedStyle(anchor).visibility === 'hidden' };
  })()`);
}

/** Waits until the globe stands still. */
async function stillDot(page: Page, number: number): Promise<{ x: number; y: number; hidden: boolean }> {
  let before = await dot(page, number);
  await expectSoon(async () => {
    const at = await dot(page, number);
    await page.waitForTimeout(150);
    const stands = Math.abs(at.x - before.x) + Math.abs(at.y - before.y) < 0.5;
    before = await dot(page, number);
    return stands;
  }).toBe(true);
  return before;
}

const isChosen = async (page: Page, number: number): Promise<boolean> =>
  (await page
    .getByTestId('hop-card')
    .nth(number - 1)
    .getAttribute('data-selected')) === 'true';

describeWith('chromium', 'the Tracker screen', () => {
  let url = '';

  beforeAll(async () => {
    await builtRenderer();
    ({ url } = await startServer());
    await openSample(await openPage(url, size));
  }, 240_000);

  it('shows the machines of the sample case in hop order and says what is uncertain of each', async () => {
    const page = await openPath(url);
    const texts = await cards(page);
    expect(texts.map((text) => /^\d · .*/.exec(text)?.[0])).toEqual([
      '1 · Yeongdeungpo-gu, South Korea',
      expect.stringMatching(/^2 · Dusseldorf.*Germany$/),
      '3 · Suzano, Brazil',
      '4 · Hayward, United States',
    ]);
    expect(texts[0]).toContain('earliest observed hop · 121.140.17.66');
    expect(texts[2]).toContain('No exporter saw behind this address');
    for (const text of texts) expect(text).toContain('does not say how exact it is');
    expect(await page.getByTestId('credits').innerText()).toMatch(
      /DB-IP City Lite of \d{4}-\d\d-\d\d \(CC-BY-4\.0\)/,
    );
  });

  it('plays the sessions by keyboard, and the play head goes on until it is paused', async () => {
    const page = await openPath(url);
    const start = await clock(page);
    await page.locator('body').press('Space');
    await expectSoon(async () => clock(page)).not.toBe(start);
    const then = await clock(page);
    await expectSoon(async () => (await clock(page)) > then).toBe(true);
    await page.locator('body').press('Space');
    await page.getByRole('button', { name: 'Play the sessions' }).waitFor();
    const slider = page.getByRole('slider', { name: 'Play head' });
    await slider.focus();
    await page.keyboard.press('End');
    expect(await clock(page)).toContain('00:45:22');
    await page.keyboard.press('Home');
    expect(await clock(page)).toBe(start);
  });

  it('opens the card of a machine that is clicked on the globe, and none behind the planet', async () => {
    const page = await openPath(url);
    const near = await stillDot(page, 4);
    expect(near.hidden).toBe(false);
    await page.mouse.click(near.x, near.y);
    await expectSoon(() => isChosen(page, 4)).toBe(true);
    await page.mouse.click(near.x, near.y);
    await stillDot(page, 4);
    await page.getByTestId('hop-card').nth(1).getByRole('button').first().click();
    await expectSoon(() => isChosen(page, 2)).toBe(true);
    const far = await stillDot(page, 4);
    expect(far.hidden).toBe(true);
    await page.mouse.click(far.x, far.y);
    await page.waitForTimeout(300);
    expect(await isChosen(page, 4)).toBe(false);
  });

  it('lists the countries with the numbers of the core, and a country puts its addresses into the filter', async () => {
    const page = await openPath(url);
    const list = page.getByTestId('countries').getByRole('grid');
    await list.getByText('Brazil').waitFor();
    const rows = await list.getByRole('row').allInnerTexts();
    expect(rows.slice(1).map((row) => row.split(/\s*\n\s*/)[0])).toEqual([
      'Brazil',
      'United States',
      'Germany',
      'South Africa',
      'South Korea',
    ]);
    await list.focus();
    await page.keyboard.press('Enter');
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await expectSoon(() => filter.inputValue()).toMatch(/^ip (in \[)?\d/);
  });

  it('asks nothing of any network but its own server', async () => {
    const page = await openTracker(url, 'path');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).hostname));
    await page.reload();
    await page.getByRole('button', { name: 'Trace the sample case' }).click();
    await globeReady(page);
    await page.getByTestId('hop-card').first().getByRole('button').first().click();
    await page.getByRole('button', { name: 'Look up (online)' }).waitFor();
    expect(asked.length).toBeGreaterThan(0);
    expect([...new Set(asked.filter((host) => host !== ''))]).toEqual(['127.0.0.1']);
  });

  it('draws flows as they come in from an exporter', async () => {
    const { url: collecting } = await startServer();
    const page = await openPage(collecting, size);
    const port = await freePort();
    await page.getByLabel('UDP port').fill(String(port));
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText(`Listening on udp://127.0.0.1:${port}`).waitFor();
    await page.getByRole('navigation', { name: 'Screens' }).getByText('Tracker').click();
    await page.getByText('Live', { exact: true }).click();
    await globeReady(page);
    const socket = createSocket('udp4');
    const send = setInterval(() => {
      const flow = {
        source: '121.140.17.66',
        destination: '87.138.92.20',
        protocol: 6,
        destinationPort: 22,
        packets: 3,
        octets: 180,
      };
      socket.send(netflow5({ seconds: Math.floor(Date.now() / 1000) }, [flow]), port, '127.0.0.1');
    }, 100);
    try {
      await page
        .getByTestId('pairs')
        .getByText(/Yeongdeungpo-gu, South Korea → Dusseldorf/)
        .waitFor();
      const flows = async () =>
        Number((await page.getByTestId('live-flows').innerText()).replaceAll(',', ''));
      const first = await flows();
      await expectSoon(flows).toBeGreaterThan(first);
    } finally {
      clearInterval(send);
      socket.close();
    }
  });

  it('replays the stored range at a thousand times its pace and stops at its end', async () => {
    const page = await openTracker(url, 'replay');
    await globeReady(page);
    for (let step = 0; step < 3; step++) await page.locator('body').press('.');
    expect(await page.getByRole('radio', { name: '1000×' }).isChecked()).toBe(true);
    await page.locator('body').press('Space');
    await expectSoon(() => page.getByTestId('replay-state').innerText()).toBe('the end of the range');
    expect(await clock(page)).toContain('00:45:22');
    expect(await page.getByTestId('pairs').innerText()).toMatch(/\d+ pairs? of places drawn/);
  });

  it('says so where a browser cannot draw a globe, and lists the places instead', async () => {
    const page = await openTracker(url, 'path');
    await page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null');
    await page.reload();
    await page.getByRole('button', { name: 'Trace the sample case' }).click();
    const instead = page.getByTestId('no-globe');
    await instead.getByText('Suzano, Brazil').waitFor();
    expect(await instead.innerText()).toContain('it has no WebGL 2');
  });

  it('puts a private address on the globe where a person says its site is', async () => {
    const page = await openPath(url);
    await page.getByTestId('hop-card').first().getByRole('button').first().click();
    await page.getByRole('button', { name: 'Place site Korea' }).click();
    await page.getByLabel('Latitude').fill('35.18');
    await page.getByLabel('Longitude').fill('129.08');
    await page.getByLabel('Called').fill('Busan office');
    await page.getByRole('button', { name: 'Put it on the globe' }).click();
    const card = page.getByTestId('hop-card').first();
    await expectSoon(() => card.innerText()).toContain('1 · Busan office');
    expect(await card.innerText()).toContain('Placed by a person');
  });
});
