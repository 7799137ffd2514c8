/** The Reports screen in its states, over the sample case. */
import type { Page } from 'playwright-core';
import type { Shot } from './shots.ts';

const query = 'screen=reports';
const make = (page: Page): Promise<void> => page.getByRole('button', { name: 'Make the report' }).click();

export const reportsShots: readonly Shot[] = [
  {
    name: 'reports-start',
    query,
    store: 'empty',
    prepare: (page) => page.getByText('There is nothing to report yet').waitFor(),
  },
  { name: 'reports', query, prepare: (page) => page.getByText('No report has been made yet').waitFor() },
  {
    name: 'reports-made',
    query,
    async prepare(page) {
      await make(page);
      await page.getByTestId('report-preview').waitFor();
      // The browser's own viewer draws the pages, and says nothing when it has.
      await page.waitForTimeout(3000);
    },
  },
  {
    name: 'reports-case',
    query: `${query}&x-about=case`,
    async prepare(page) {
      await make(page);
      await page.getByTestId('report-preview').waitFor();
      await page.waitForTimeout(3000);
    },
  },
  {
    name: 'reports-changed',
    query,
    async prepare(page) {
      await make(page);
      await page.getByTestId('report-preview').waitFor();
      await page.getByRole('checkbox', { name: 'Top talkers' }).uncheck();
      await page.getByText('The choices have changed since').waitFor();
    },
  },
];
