import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support.ts';
import { expectSoon, graveFindings, openPage, startWithSample } from './support.ts';

/** As the README of the sample case tells the truth, attacker first; Brazil, in between, exports nothing. */
const KOREA = '192.168.0.11 at Korea';
const GERMANY = '192.168.0.11 at Germany';

const address = (url: string, query: string): string => url.replace('/#', `/?${query}#`);

const answerOf = (page: Page): Promise<string> => page.getByTestId('trace-answer').innerText();

async function traceSample(url: string): Promise<Page> {
  const page = await openPage(address(url, 'screen=trace'));
  await page.getByRole('button', { name: /^Trace the sample/ }).click();
  await page.getByTestId('trace-answer').waitFor();
  return page;
}

/** Presses Tab until the element with the focus has that name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''",
    );
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${name.source}`);
}

/** What stands as a number with a typographic minus. */
const readNumber = (text: string): number => Number(text.trim().replace('−', '-'));

describeWith('chromium', 'the Trace screen', () => {
  let url: string;

  beforeAll(async () => {
    url = await startWithSample();
  }, 120_000);

  it('traces the sample case in one click and tells the path from Korea', async () => {
    const page = await traceSample(url);
    const answer = await answerOf(page);
    expect(answer).toContain(GERMANY);
    expect(answer).toContain(`from ${KOREA}, the earliest observed hop`);
    const path = page.getByRole('list', { name: /^Path/ });
    const machines = await path.getByRole('listitem').allInnerTexts();
    expect(machines[0]).toContain('Korea');
    expect(machines.at(-1)).toContain('192.168.1.11');
    expect(await page.getByTestId('notes').innerText()).toContain('The evidence ends at 192.168.0.11');
  });

  it('is led by keyboard alone from the first screen to why a candidate was taken', async () => {
    const page = await openPage(url);
    await page.getByRole('grid', { name: 'Sources' }).waitFor();
    await page.keyboard.press('3');
    await page.getByRole('button', { name: /^Trace the sample/ }).waitFor();
    await tabTo(page, /^Trace the sample/);
    await page.keyboard.press('Enter');
    await page.getByTestId('trace-answer').waitFor();
    expect(await answerOf(page)).toContain(KOREA);
    await tabTo(page, /^Candidates$/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('w');
    await page.getByTestId('total-nats').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('why').waitFor({ state: 'detached' });
    expect(await page.getByRole('grid', { name: 'Candidates' }).isVisible()).toBe(true);
  });

  it('shows under "why this verdict?" terms that add up to the score', async () => {
    const page = await traceSample(url);
    await page.getByRole('button', { name: 'Why this verdict?' }).click();
    await page.getByTestId('total-nats').waitFor();
    const terms = await page.getByTestId('term').getByRole('cell').allInnerTexts();
    const total = readNumber(await page.getByTestId('total-nats').innerText());
    const sum = terms.map(readNumber).reduce((a, b) => a + b, 0);
    expect(terms.length).toBeGreaterThan(3);
    expect(Math.abs(sum - total)).toBeLessThanOrEqual(0.05 * (terms.length + 1));
  });

  it('asks back at which site a private address stands, and traces when one is chosen', async () => {
    const page = await openPage(
      address(url, 'screen=trace&x-victim=192.168.0.11&x-at=2026-11-21T00:41:23.800Z&x-go=1'),
    );
    const sites = page.getByRole('group', { name: 'Choose the victim’s site' });
    await sites.getByRole('button', { name: 'Germany' }).click();
    await page.getByTestId('trace-answer').waitFor();
    expect(await answerOf(page)).toContain(GERMANY);
    expect(page.url()).toContain('x-site=Germany');
  });

  it('says which field is wrong before anything is asked', async () => {
    const page = await openPage(address(url, 'screen=trace'));
    await page.getByLabel('Victim address').fill('192.168.1.300');
    await page.getByRole('button', { name: /^Trace back/ }).click();
    expect(await page.getByText('This is no IPv4 or IPv6 address.').isVisible()).toBe(true);
    expect(await page.getByText('A moment in UTC').isVisible()).toBe(true);
  });

  it('says what is stored where the moment lies outside of it', async () => {
    const page = await openPage(
      address(url, 'screen=trace&x-victim=192.168.1.11&x-at=2025-01-01T00:00:00.000Z&x-go=1'),
    );
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('lies outside the store');
  });

  it('takes the connection that is chosen among those near the time', async () => {
    const page = await traceSample(url);
    const other = page
      .getByRole('region', { name: 'Matching connections' })
      .getByRole('button', { pressed: false });
    const name = (await other.first().innerText()).split('\n')[0] ?? '';
    await other.first().click();
    await expectSoon(() => page.getByLabel('Peer that the victim saw').inputValue()).toBe(name);
    await page
      .getByRole('region', { name: 'Matching connections' })
      .getByRole('button', { pressed: true })
      .getByText(name)
      .waitFor();
  });

  it('lays a stranger over the target and keeps it in the address', async () => {
    const page = await traceSample(url);
    await page.getByRole('grid', { name: 'Candidates' }).getByText('unrelated').first().click();
    await page.getByText('candidate', { exact: true }).waitFor();
    expect(page.url()).toContain('x-pair=');
    await page.goBack();
    await page.getByText('1 back', { exact: true }).waitFor();
  });

  it('writes the result as JSON and copies it as text', async () => {
    const page = await traceSample(url);
    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Save as JSON' }).click();
    const result = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as {
      paths: { hops: { fromSite?: string }[] }[];
    };
    expect(result.paths[0]?.hops[0]?.fromSite).toBe('Korea');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'Copy as text' }).click();
    await expectSoon(() => page.evaluate<string>('navigator.clipboard.readText()')).toContain(KOREA);
  });

  it('finds the stepping stones that nobody reported, and traces from one', async () => {
    const page = await openPage(address(url, 'screen=trace&x-tab=discover'));
    await page.getByRole('button', { name: 'Look for stepping stones' }).click();
    await page.getByTestId('discovery').waitFor();
    expect(await page.getByTestId('discovery').innerText()).toContain('false ones to be expected');
    await page.getByRole('grid', { name: 'Stepping stones' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('trace-answer').waitFor();
    expect(await answerOf(page)).toContain(KOREA);
  });

  it('is asked by t on a flow of Explore', async () => {
    const page = await openPage(address(url, 'screen=explore&filter=dst+ip+192.168.1.11+and+dst+port+22'));
    await page.getByTestId('flow-count').waitFor();
    await page.getByRole('grid', { name: 'Flows' }).focus();
    await page.keyboard.press('t');
    await page.getByTestId('trace-answer').waitFor();
    expect(await page.getByLabel('Victim address').inputValue()).toBe('192.168.1.11');
  });

  it('has no serious violation of accessibility in either theme', async () => {
    const page = await traceSample(url);
    await page.getByRole('button', { name: 'Why this verdict?' }).click();
    await page.getByTestId('total-nats').waitFor();
    for (const theme of ['dark', 'light']) {
      expect(await graveFindings(page), theme).toEqual([]);
      await page.keyboard.press('d');
    }
  }, 180_000);
});
