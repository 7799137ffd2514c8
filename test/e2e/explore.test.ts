import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../support.ts';
import { expectSoon, flowCount, openPage, startWithSample, totalFlows } from './support.ts';

/** Flow records in the files of the sample case. */
const RECORDS = 4386;

async function writeFilter(page: Page, text: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Filter' }).fill(text);
  await page.keyboard.press('Enter');
}

/** Waits until table and totals are about the same number of flows, other than `before`. */
async function narrowedFrom(page: Page, before: number): Promise<number> {
  await expectSoon(() => flowCount(page)).not.toBe(before);
  const count = await flowCount(page);
  await expectSoon(() => totalFlows(page)).toBe(count);
  return count;
}

/** Observations that the totals leave out, because another exporter's of the same flow is counted. */
async function countedOnce(page: Page): Promise<number> {
  const note = await page.getByTestId('totals').getByRole('button').getAttribute('aria-label');
  return Number((/([\d,]+) observations/.exec(note ?? '')?.[1] ?? '').replaceAll(',', ''));
}

/** Drags over the timeline, from and to in parts of its width. */
async function brush(page: Page, from: number, to: number): Promise<void> {
  const box = await page.getByTestId('timeline-brush').boundingBox();
  if (!box) throw new Error('there is no timeline');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, y, { steps: 6 });
  await page.mouse.up();
}

describeWith('chromium', 'the Explore screen', () => {
  let url: string;
  let page: Page;
  /** Flows before anything is asked. */
  let all: number;

  beforeAll(async () => {
    url = await startWithSample();
  }, 120_000);

  beforeEach(async () => {
    page = await openPage(url.replace('/#', '/?screen=explore#'));
    await expectSoon(() => page.getByTestId('flow-count').isVisible()).toBe(true);
    await page.getByTestId('totals').waitFor();
    all = await flowCount(page);
  });

  it('shows every stored flow before anything is asked, one that several exporters saw once', async () => {
    expect(await totalFlows(page)).toBe(all);
    expect(all + (await countedOnce(page))).toBe(RECORDS);
    expect(await page.getByTestId('top-srcip').getByRole('button').count()).toBe(6);
  });

  it('says under the character where a typing mistake is, and narrows when it is mended', async () => {
    await writeFilter(page, 'dst prot 22');
    const sentence = await page.getByRole('alert').innerText();
    expect(sentence).toContain('did you mean "port"');
    expect(await flowCount(page)).toBe(all);
    expect(
      await page.evaluate(
        'getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
      ),
    ).toBe('prot');
    await page.keyboard.type('port');
    await page.keyboard.press('Enter');
    await narrowedFrom(page, all);
    const ports = await page.getByTestId('top-dstport').getByRole('button').allInnerTexts();
    expect(ports).toHaveLength(1);
    expect(ports[0]).toMatch(/^22\b/);
  });

  it('completes words of the filter by keyboard', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('ds');
    await page.getByRole('option', { name: /^dst/ }).first().waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('por');
    await page.keyboard.press('Tab');
    await page.keyboard.type('22');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('combobox', { name: 'Filter' }).inputValue()).toBe('dst port 22');
    await narrowedFrom(page, all);
  });

  it('completes the names of elements and the addresses of exporters', async () => {
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await filter.pressSequentially('octetDeltaC');
    await page.getByRole('option', { name: /^octetDeltaCount/ }).waitFor();
    await filter.fill('');
    await filter.pressSequentially('exporter ip 10.255');
    await page.getByRole('option', { name: /^10\.255\.0\.11/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await narrowedFrom(page, all)).toBeLessThan(all);
  });

  it('narrows to a country of the top lists', async () => {
    const first = page.getByTestId('top-srccountry').getByRole('button').nth(0);
    await page.getByTestId('top-srccountry').scrollIntoViewIfNeeded();
    const country = page.getByTestId('top-srccountry').locator('button:enabled').first();
    await first.waitFor();
    await country.click();
    expect(await narrowedFrom(page, all)).toBeLessThan(all);
    expect(await page.getByRole('combobox', { name: 'Filter' }).inputValue()).toContain('src ip');
  });

  it('narrows every panel to the range that is brushed on the timeline', async () => {
    const leader = await page.getByTestId('top-srcip').innerText();
    await brush(page, 0.3, 0.5);
    const count = await narrowedFrom(page, all);
    expect(count).toBeLessThan(all / 2);
    await expectSoon(() => page.getByTestId('top-srcip').innerText()).not.toBe(leader);
    expect(await page.getByTestId('time-range').innerText()).not.toContain('All');
    expect(page.url()).toContain('range=');
  });

  it('zooms the timeline with the wheel down to milliseconds', async () => {
    const box = await page.getByTestId('timeline-brush').boundingBox();
    if (!box) throw new Error('there is no timeline');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const title = () => page.getByRole('region', { name: 'Timeline' }).getByRole('heading').innerText();
    const before = await title();
    for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, -200);
    await expectSoon(title).toMatch(/\d ms$/);
    expect(before).toMatch(/per \d+ s$/);
  });

  it('puts a value of a top list into the filter, and with Alt all but it', async () => {
    const first = page.getByTestId('top-srcip').getByRole('button').first();
    const address = (await first.innerText()).split('\n')[0] ?? '';
    await first.click();
    const with_ = await narrowedFrom(page, all);
    expect(await page.getByRole('combobox', { name: 'Filter' }).inputValue()).toBe(`src ip ${address}`);
    await page.goBack();
    await narrowedFrom(page, with_);
    await page
      .getByTestId('top-srcip')
      .getByRole('button')
      .first()
      .click({ modifiers: ['Alt'] });
    expect(await narrowedFrom(page, all)).toBe(all - with_);
  });

  it('sorts by bytes, opens a flow by keyboard, shows its connection and closes it', async () => {
    await page.getByRole('columnheader').getByText('Bytes').click();
    const grid = page.getByRole('grid', { name: 'Flows' });
    const bytesOf = async (row: number) =>
      Number(
        (await grid.getByRole('row').nth(row).getByRole('gridcell').nth(9).innerText()).replaceAll(',', ''),
      );
    await expectSoon(async () => (await bytesOf(1)) >= (await bytesOf(9)) && (await bytesOf(9)) > 1000).toBe(
      true,
    );
    await grid.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const drawer = page.getByTestId('flow-drawer');
    await drawer.getByText('Exported elements').waitFor();
    expect(await drawer.innerText()).toContain('octetDeltaCount');
    await drawer.getByText('Connection', { exact: true }).click();
    await drawer.getByText('to the server').waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await page.getByTestId('top-srcip').isVisible()).toBe(true);
  });

  it('moves through the rows, and to other screens, when the title of a column was clicked', async () => {
    await page.getByRole('columnheader').getByText('Bytes').click();
    const grid = page.getByRole('grid', { name: 'Flows' });
    await page.keyboard.press('ArrowDown');
    await expectSoon(() => grid.getByRole('row').nth(2).getAttribute('data-current')).toBe('true');
    await page.keyboard.press('7');
    await page.getByRole('region', { name: 'Exporters as witnesses' }).waitFor();
  });

  it('scrolls to the last of all rows', async () => {
    const grid = page.getByRole('grid', { name: 'Flows' });
    await grid.focus();
    await page.keyboard.press('End');
    const last = grid.locator(`[aria-rowindex="${all + 1}"]`);
    await last.waitFor();
    await expectSoon(() => last.innerText()).toMatch(/00:4\d:/);
  });

  it('writes every record of the result as CSV, not the rows in view', async () => {
    await writeFilter(page, 'dst port 22');
    const count = await narrowedFrom(page, all);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(count + (await countedOnce(page)) + 1);
    expect(lines[1]).toContain(',22,');
    await page.getByText(new RegExp(`^flows-\\w+\\.csv: ${lines.length - 1} records`)).waitFor();
  });

  it('hides a column and remembers it after a reload', async () => {
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel(/^TCP flags/).click();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByTestId('flow-count').waitFor();
    const head = await page.getByRole('grid', { name: 'Flows' }).getByRole('row').first().innerText();
    expect(head).not.toContain('Flags');
    expect(head).toContain('Packets');
  });
});
