/** What is photographed: each screen in its states, in an order in which the store fills up. A screen adds its own here. */
import type { Page } from 'playwright-core';
import { casesShots } from './shots-cases.ts';
import { damagedShots } from './shots-damaged.ts';
import { reportsShots } from './shots-reports.ts';
import { traceShots } from './shots-trace.ts';
import { trackerShots } from './shots-tracker.ts';

export interface Shot {
  readonly name: string;
  /** The query part of the address. */
  readonly query: string;
  /** What a person does until there is something to look at. */
  readonly prepare: (page: Page) => Promise<void>;
  /** Which of three stores is looked at; absent: the sample's. */
  readonly store?: ShotStore;
}

/** `empty`: nothing is in it. `damaged`: files that could not be read whole, and an exporter that loses datagrams. */
export type ShotStore = 'sample' | 'empty' | 'damaged';

async function flowsShown(page: Page): Promise<void> {
  await page.getByTestId('flow-count').waitFor();
  await page.getByRole('region', { name: 'Timeline' }).locator('canvas').waitFor();
}

export const shots: readonly Shot[] = [
  {
    name: 'sources-start',
    query: 'screen=sources',
    store: 'empty',
    prepare: (page) => page.getByLabel('Lines to paste').getByText('inactive').first().waitFor(),
  },
  {
    name: 'sources',
    query: 'screen=sources',
    async prepare(page) {
      await page.getByRole('button', { name: 'Open the sample' }).click();
      await page.locator('[data-testid="import-job"][data-state="done"]').first().waitFor();
      await page.getByRole('grid', { name: 'Exporters' }).getByText('Korea').waitFor();
    },
  },
  {
    name: 'sources-mapping',
    query: 'screen=sources',
    async prepare(page) {
      const chosen = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Map a table' }).click();
      const buffer = Buffer.from(
        'begin,who,whom,sport,dport,proto,volume\n2026-11-20 10:00:00,192.0.2.7,198.51.100.9,50000,22,6,1234\n',
      );
      await (await chosen).setFiles({ name: 'own.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('dialog').getByText('192.0.2.7').waitFor();
    },
  },
  { name: 'explore', query: 'screen=explore', prepare: flowsShown },
  {
    name: 'explore-range',
    query:
      'screen=explore&by=bytes&split=dstport&filter=proto+tcp+and+bytes+%3E+1k&range=2026-11-21T00:39:00Z..2026-11-21T00:41:30Z&window=2026-11-21T00:37:00Z..2026-11-21T00:46:00Z',
    prepare: flowsShown,
  },
  {
    name: 'explore-flow',
    query: 'screen=explore&filter=dst+port+22',
    async prepare(page) {
      await flowsShown(page);
      await page.getByRole('grid', { name: 'Flows' }).getByRole('row').nth(4).click();
      await page.getByTestId('flow-drawer').getByText('Exported elements').waitFor();
    },
  },
  {
    name: 'explore-connection',
    query: 'screen=explore&filter=dst+port+22',
    async prepare(page) {
      await flowsShown(page);
      await page.getByRole('grid', { name: 'Flows' }).getByRole('row').nth(4).click();
      await page.getByTestId('flow-drawer').getByText('Connection', { exact: true }).click();
      await page.getByTestId('flow-drawer').getByText('to the server').waitFor();
    },
  },
  {
    name: 'explore-start',
    query: 'screen=explore',
    store: 'empty',
    prepare: (page) => page.getByText('No flows are stored yet.').first().waitFor(),
  },
  {
    name: 'explore-nothing',
    query: 'screen=explore&filter=dst+port+9999',
    prepare: (page) => page.getByText('No flow matches.').waitFor(),
  },
  {
    name: 'explore-refused',
    query: 'screen=explore&filter=dst+prot+22',
    prepare: (page) => page.getByText('The filter of this address cannot be read.').waitFor(),
  },
  {
    name: 'filter-mistake',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.getByRole('combobox', { name: 'Filter' }).fill('dst prot 22');
      await page.keyboard.press('Enter');
    },
  },
  {
    name: 'filter-completion',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.getByRole('combobox', { name: 'Filter' }).pressSequentially('src ');
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'time-range',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.getByTestId('time-range').click();
    },
  },
  {
    name: 'columns',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.getByRole('button', { name: 'Columns' }).click();
    },
  },
  {
    name: 'export-menu',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'palette-found',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.keyboard.press('Control+k');
      await page.keyboard.type('time');
      await page.getByText('Zoom the time range in').waitFor();
    },
  },
  {
    name: 'palette',
    query: 'screen=explore',
    async prepare(page) {
      await flowsShown(page);
      await page.keyboard.press('Control+k');
    },
  },
  ...traceShots,
  ...trackerShots,
  ...casesShots,
  ...reportsShots,
  ...damagedShots,
];
