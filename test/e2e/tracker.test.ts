import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { mmdb } from '../build/mmdb.ts';
import { netflow5 } from '../build/netflow.ts';
import { describeWith, temporaryFolder } from '../support.ts';
import { freePort } from './free-port.ts';
import { builtRenderer, expectSoon, graveFindings, openPage, openSample, startServer } from './support.ts';

vi.setConfig({ testTimeout: 240_000 });
/** Without a graphics card a picture of the globe takes seconds where other programs run, and clicks wait for pictures. */
const PATIENCE = 90_000;

/** Large enough for every column, and no larger: the globe is drawn without a graphics card here. */
const size = { width: 1000, height: 600 };

const QUESTION =
  'x-victim=192.168.1.11&x-port=22&x-at=2026-11-21T00:41:23.800Z&x-from=177.34.210.9:52326&x-site=United+States';

async function pathReady(page: Page): Promise<void> {
  await globeReady(page);
  await page.getByTestId('hop-card').nth(3).waitFor();
  await page.getByText('1 · Yeongdeungpo-gu, South Korea').first().waitFor();
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

/** Moves the pointer across the way between two places until it is on something that says so. */
async function pointAcross(
  page: Page,
  a: { x: number; y: number },
  b: { x: number; y: number },
  text: RegExp,
): Promise<{ x: number; y: number }> {
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const [right, down] = [-(b.y - a.y) / length, (b.x - a.x) / length];
  for (let step = 0; step <= 80; step++) {
    const away = (step % 2 === 0 ? 1 : -1) * Math.ceil(step / 2) * 4;
    const at = { x: middle.x + right * away, y: middle.y + down * away };
    await page.mouse.move(at.x, at.y);
    const told = await page.evaluate<string>('document.querySelector("[role=tooltip]")?.innerText ?? ""');
    if (text.test(told)) return at;
  }
  throw new Error(`nothing across the way says ${text.source}`);
}

describeWith('chromium', 'the Tracker screen', () => {
  let url = '';
  /** Of all tests of the path: a globe is made once. Each test says what it needs of the view. */
  let page: Page;
  const hosts = new Set<string>();

  /** Shows another view of the Tracker, as Back and Forward do. */
  async function show(query: string): Promise<void> {
    const address = JSON.stringify(`/?screen=tracker&${QUESTION}${query}`);
    await page.evaluate(
      `history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await pathReady(page);
  }

  beforeAll(async () => {
    await builtRenderer();
    ({ url } = await startServer());
    page = await openPage(url, { ...size, still: true, stays: true });
    page.setDefaultTimeout(PATIENCE);
    page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
    await openSample(page);
    await show('');
  }, 240_000);

  it('shows the machines of the sample case in hop order and says what is uncertain of each', async () => {
    await show('');
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
    await show('');
    const slider = page.getByRole('slider', { name: 'Play head' });
    await slider.focus();
    await page.keyboard.press('Home');
    const start = await clock(page);
    await page.locator('body').press('Space');
    await expectSoon(async () => clock(page)).not.toBe(start);
    const then = await clock(page);
    await expectSoon(async () => (await clock(page)) > then).toBe(true);
    await page.locator('body').press('Space');
    await page.getByRole('button', { name: 'Play the sessions' }).waitFor();
    await slider.focus();
    await page.keyboard.press('End');
    expect(await clock(page)).toContain('00:45:22');
    await page.keyboard.press('Home');
    expect(await clock(page)).toBe(start);
  });

  it('keeps where the play head stands in the address', async () => {
    await show('');
    await page.getByRole('slider', { name: 'Play head' }).focus();
    await page.keyboard.press('Home');
    for (let press = 0; press < 5; press++) await page.keyboard.press('PageUp');
    const there = await clock(page);
    await expectSoon(() =>
      decodeURIComponent(new URL(page.url()).searchParams.get('x-head') ?? ''),
    ).toContain(there.split(/\s+/).at(-1) ?? 'no clock');
    await page.reload();
    await pathReady(page);
    expect(await clock(page)).toBe(there);
  });

  it('opens the card of a machine that is clicked on the globe, and none behind the planet', async () => {
    await show('&x-heat=none');
    const near = await stillDot(page, 4);
    expect(near.hidden).toBe(false);
    await page.mouse.click(near.x, near.y);
    await expectSoon(() => isChosen(page, 4)).toBe(true);
    await page.getByTestId('hop-card').nth(2).getByRole('button').first().click();
    await expectSoon(() => isChosen(page, 3)).toBe(true);
    const far = await stillDot(page, 1);
    expect(far.hidden).toBe(true);
    await page.mouse.click(far.x, far.y);
    await page.waitForTimeout(300);
    expect(await isChosen(page, 1)).toBe(false);
  });

  it('says what an arc stands for under the pointer, and a click on it opens the machine that it leads to', async () => {
    await show('&x-hop=3');
    const from = await stillDot(page, 3);
    const to = await dot(page, 4);
    const at = await pointAcross(page, from, to, /^3 → 4/);
    await page.mouse.click(at.x, at.y);
    await expectSoon(() => isChosen(page, 4)).toBe(true);
  });

  it('lists the countries with the numbers of the core, and a country puts its addresses into the filter', async () => {
    await show('');
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
    await show('&x-hop=1');
    await page.getByRole('button', { name: 'Look up (online)' }).waitFor();
    expect([...hosts].filter((host) => host !== '')).toEqual(['127.0.0.1']);
  });

  it('has no serious violation of accessibility in any mode, dark and light', async () => {
    // The other theme once: the globe is made anew for it.
    for (const [mode, themes] of [
      ['path', ['dark', 'light']],
      ['replay', ['light']],
      ['live', ['light']],
    ] as const) {
      await page.evaluate(
        `history.pushState(null, '', '/?screen=tracker&x-globe=${mode}&x-hop=1&${QUESTION}'); dispatchEvent(new PopStateEvent('popstate'))`,
      );
      await globeReady(page);
      for (const theme of themes) {
        if ((await page.locator('html').getAttribute('data-mantine-color-scheme')) !== theme) {
          await page.locator('body').press('d');
          await globeReady(page);
        }
        expect(await graveFindings(page), `${mode}, ${theme} theme`).toEqual([]);
      }
    }
  });

  it('can be used at a zoom of 200 per cent of the smallest window', async () => {
    await show('');
    await page.setViewportSize({ width: 640, height: 360 });
    try {
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      for (const part of [
        page.getByTestId('hop-card').last(),
        page.getByTestId('globe'),
        page.getByRole('slider', { name: 'Play head' }),
        page.getByTestId('countries'),
      ]) {
        await part.scrollIntoViewIfNeeded();
        const box = await part.boundingBox();
        expect(box?.width).toBeGreaterThan(80);
        expect(Number(box?.x) + Number(box?.width)).toBeLessThanOrEqual(640);
      }
    } finally {
      await page.setViewportSize(size);
    }
  });

  it('puts a private address on the globe where a person says its site is, and takes it off again', async () => {
    await show('&x-hop=1');
    await page.getByRole('button', { name: 'Place site Korea' }).click();
    await page.getByLabel('Latitude').fill('35.18');
    await page.getByLabel('Longitude').fill('129.08');
    await page.getByLabel('Called').fill('Busan office');
    await page.getByRole('button', { name: 'Put it on the globe' }).click();
    const card = page.getByTestId('hop-card').first();
    await expectSoon(() => card.innerText()).toContain('1 · Busan office');
    expect(await card.innerText()).toContain('Placed by a person');
    await page.getByRole('button', { name: 'Move site Korea' }).click();
    await page.getByRole('button', { name: 'Take it off' }).click();
    await expectSoon(() => card.innerText()).toContain('1 · Yeongdeungpo-gu, South Korea');
  });

  it('shows how exact a person’s own database is: a circle with a radius, a whole country where it knows no more', async () => {
    const file = join(temporaryFolder(), 'own.mmdb');
    const database = mmdb({
      type: 'Own-City',
      entries: {
        '87.138.92.0/24': {
          country: { iso_code: 'DE' },
          city: { names: { en: 'Essen' } },
          location: { latitude: 51.45, longitude: 7.01, accuracy_radius: 450 },
        },
        // Another country than the database that ships: nothing of that one is taken.
        '177.34.0.0/16': { country: { iso_code: 'PT' } },
      },
    });
    writeFileSync(file, database);
    const own = await startServer();
    const first = await openPage(own.url, { ...size, still: true });
    await openSample(first);
    first.setDefaultTimeout(PATIENCE);
    await first.evaluate(
      `history.pushState(null, '', '/?screen=tracker&x-heat=none&${QUESTION}'); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await globeReady(first);
    await first.getByRole('button', { name: 'use your own' }).click();
    const paths = first.getByLabel(/^Your own/);
    await paths.fill('/nowhere/at-all.mmdb');
    await first.getByRole('button', { name: 'Use them' }).click();
    await first
      .getByText(/nowhere\/at-all\.mmdb/)
      .nth(1)
      .waitFor();
    await paths.fill(file);
    await first.getByRole('button', { name: 'Use them' }).click();
    await first.getByText('Essen, Germany').first().waitFor();
    const texts = await cards(first);
    expect(texts[1]).toContain('Within 450 km of there.');
    expect(texts[2]).toContain('somewhere in Portugal');
    const key = await first.getByTestId('uncertainty').innerText();
    expect(key).toContain('somewhere within its circle');
    expect(key).toContain('only the country is known');
    expect(await first.getByTestId('credits').innerText()).toContain('Own-City');
  });

  it('draws flows as they come in from an exporter', async () => {
    const { url: collecting } = await startServer();
    const live = await openPage(collecting, size);
    const port = await freePort();
    await live.getByLabel('UDP port').fill(String(port));
    await live.getByRole('button', { name: 'Start' }).click();
    await live.getByText(`Listening on udp://127.0.0.1:${port}`).waitFor();
    live.setDefaultTimeout(PATIENCE);
    await live.getByRole('navigation', { name: 'Screens' }).getByText('Tracker').click();
    await live.getByText('Live', { exact: true }).click();
    await globeReady(live);
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
      await live
        .getByTestId('pairs')
        .getByText(/Yeongdeungpo-gu, South Korea → Dusseldorf/)
        .waitFor();
      const flows = async () =>
        Number((await live.getByTestId('live-flows').innerText()).replaceAll(',', ''));
      const first = await flows();
      await expectSoon(flows).toBeGreaterThan(first);
    } finally {
      clearInterval(send);
      socket.close();
    }
  });

  it('replays the stored range at a thousand times its pace and stops at its end', async () => {
    await page.evaluate(
      `history.pushState(null, '', '/?screen=tracker&x-globe=replay'); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await globeReady(page);
    await page.getByTestId('replay-state').waitFor();
    for (let step = 0; step < 3; step++) await page.locator('body').press('.');
    expect(await page.getByRole('radio', { name: '1000×' }).isChecked()).toBe(true);
    await page.locator('body').press('Space');
    await expectSoon(() => page.getByTestId('replay-state').innerText()).toBe('the end of the range');
    expect(await clock(page)).toContain('00:45:22');
    expect(await page.getByTestId('pairs').innerText()).toMatch(/\d+ pairs? of places drawn/);
  });

  it('says so where a browser cannot draw a globe, and lists the places instead', async () => {
    const plain = await openPage('about:blank', size);
    await plain.addInitScript('HTMLCanvasElement.prototype.getContext = () => null');
    await plain.goto(url.replace('/#', `/?screen=tracker&${QUESTION}#`));
    const instead = plain.getByTestId('no-globe');
    await instead.getByText('Suzano, Brazil').waitFor();
    expect(await instead.innerText()).toContain('it has no WebGL 2');
  });
});
