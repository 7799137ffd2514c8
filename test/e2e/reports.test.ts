import { unzipSync, strFromU8 } from 'fflate';
import { readFileSync } from 'node:fs';
import type { Download, Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../support.ts';
import { openPage, startWithSample } from './support.ts';

/** Waits for what a click saves. */
async function saved(page: Page, name: string): Promise<Download> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name }).click(),
  ]);
  return download;
}

describeWith('chromium', 'the Reports screen', () => {
  let url: string;
  let page: Page;

  beforeAll(async () => {
    url = await startWithSample();
  }, 120_000);

  beforeEach(async () => {
    page = await openPage(url);
    await page.getByRole('button', { name: /Reports/ }).click();
  });

  it('makes the report on the latest month, and saves its pages and its tables', async () => {
    await page.getByRole('button', { name: 'Make the report' }).click();
    const preview = page.getByTestId('report-preview');
    await preview.waitFor();
    expect(await preview.innerText()).toMatch(/[\d,]+ flows with [\d,]+ packets/);
    const pdf = await saved(page, 'Save the PDF');
    expect(pdf.suggestedFilename()).toBe('backtrail-2026-11.pdf');
    expect(
      readFileSync(await pdf.path())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    const tables = await saved(page, 'Save the tables');
    const files = unzipSync(readFileSync(await tables.path()));
    const days = strFromU8(files['days.csv'] ?? new Uint8Array());
    expect(days.trim().split('\r\n')).toHaveLength(31);
  });

  it('leaves out what is switched off, and says that the choice has changed', async () => {
    await page.getByRole('checkbox', { name: 'Traffic by day' }).uncheck();
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page.getByTestId('report-preview').waitFor();
    const tables = await saved(page, 'Save the tables');
    expect(Object.keys(unzipSync(readFileSync(await tables.path())))).not.toContain('days.csv');
    await page.getByRole('checkbox', { name: 'Traffic by day' }).check();
    await page.getByText('The choices have changed since').waitFor();
  });

  it('makes the report on a trace that was kept in a case, and on the whole case with its log', async () => {
    await page.getByText('Case', { exact: true }).click();
    await page.getByText('This store has no case yet.').waitFor();
    await page.getByRole('button', { name: 'Open the Trace screen' }).click();
    await page.getByRole('button', { name: /^Trace the sample/ }).click();
    await page.getByTestId('trace-answer').waitFor();
    await page.getByRole('button', { name: 'Keep in case' }).click();
    await page.getByLabel('Title').fill('The night shift');
    await page.getByRole('button', { name: 'Create and open it' }).click();
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByText('as exhibit 1').waitFor();
    await page.getByRole('button', { name: /Reports/ }).click();
    await page.getByText('What was kept, with the log of every step').waitFor();
    await page.getByRole('combobox', { name: 'What to print' }).click();
    await page.getByRole('option', { name: /^Trace 1/ }).click();
    await page.getByText('The trace as it was kept').waitFor();
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page.getByTestId('report-preview').waitFor();
    const pdf = await saved(page, 'Save the PDF');
    expect(
      readFileSync(await pdf.path())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    expect(await page.getByRole('link', { name: 'Save the tables' }).count()).toBe(0);
    await page.getByRole('combobox', { name: 'What to print' }).click();
    await page.getByRole('option', { name: 'The whole case' }).click();
    await page.getByText('The choices have changed since').waitFor();
    await page.getByRole('button', { name: 'Make the report' }).click();
    await page.getByText('The choices have changed since').waitFor({ state: 'detached' });
    expect(await page.getByTestId('report-preview').innerText()).toContain('login');
    expect((await saved(page, 'Save the PDF')).suggestedFilename()).toBe('The-night-shift.pdf');
    const tables = await saved(page, 'Save the tables');
    const files = unzipSync(readFileSync(await tables.path()));
    expect(strFromU8(files['log.csv'] ?? new Uint8Array())).toContain('trace-kept');
  });
});
