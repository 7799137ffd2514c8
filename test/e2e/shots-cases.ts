/** Cases in their states, over the sample case. */
import type { Page } from 'playwright-core';
import type { Shot } from './shots.ts';

const sample =
  'x-victim=192.168.1.11&x-port=22&x-at=2026-11-21T00:41:23.800Z&x-from=177.34.210.9:52326&x-site=United+States&x-go=1';
const NAME = 'Intrusion at the Hayward gateway';

/** Presses Keep, and waits until the case has it. */
async function press(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.getByRole('button', { name: 'Keep', exact: true }).waitFor({ state: 'detached' });
}

async function hasCase(page: Page): Promise<boolean> {
  const first = page.getByRole('button', { name: 'Make the first case' });
  await first.or(page.getByRole('button', { name: 'Export the bundle' })).waitFor();
  return !(await first.isVisible());
}

/** Keeps what the screen shows; the case is made where there is none yet. */
async function keep(page: Page, note: string): Promise<void> {
  await page.getByRole('button', { name: 'Keep in case' }).click();
  await page.getByRole('textbox', { name: 'Note' }).fill(note);
}

export const casesShots: readonly Shot[] = [
  {
    name: 'cases-start',
    query: 'screen=cases',
    async prepare(page) {
      await hasCase(page);
    },
  },
  {
    name: 'cases-new',
    query: 'screen=cases',
    async prepare(page) {
      const is = await hasCase(page);
      await page.getByRole('button', { name: is ? 'New case' : 'Make the first case', exact: true }).click();
      await page.getByLabel('Title').fill(NAME);
      await page.getByLabel('Reference').fill('IR-2026-117');
      await page.getByLabel('Examiner').fill('Night shift');
    },
  },
  {
    name: 'cases-keep',
    query: `screen=trace&${sample}`,
    async prepare(page) {
      await page.getByText('boundary recurs').waitFor();
      await page.getByRole('button', { name: 'Keep in case' }).click();
      const make = page.getByRole('button', { name: 'Create and open it' });
      await make.or(page.getByRole('textbox', { name: 'Note' })).waitFor();
      if (await make.isVisible()) {
        await page.getByLabel('Title').fill(NAME);
        await page.getByLabel('Reference').fill('IR-2026-117');
        await page.getByLabel('Examiner').fill('Night shift');
        await make.click();
      }
      await page
        .getByRole('textbox', { name: 'Note' })
        .fill('The login that the owner reported on the 21st.');
    },
  },
  {
    name: 'cases',
    query: `screen=trace&${sample}`,
    async prepare(page) {
      await page.getByTestId('trace-answer').waitFor();
      await keep(page, 'The login that the owner reported on the 21st.');
      await press(page);
      await page.getByRole('navigation', { name: 'Screens' }).getByText('Explore').click();
      await page.getByTestId('flow-count').waitFor();
      await keep(page, 'Everything that the four sites saw of that night.');
      await press(page);
      await page.getByRole('navigation', { name: 'Screens' }).getByText('Cases').click();
      await page.getByRole('button', { name: 'Add a note' }).click();
      await page
        .getByRole('dialog')
        .getByRole('textbox', { name: 'Note' })
        .fill('The provider in Korea was told.\nBy telephone at 10:20 UTC, Mr Kim; written answer promised.');
      await page.keyboard.press('Control+Enter');
      const exhibits = page.getByRole('grid', { name: 'Exhibits' });
      await exhibits.getByText('The provider in Korea was told.').first().waitFor();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await exhibits.getByText('Trace of the login').first().click();
      await page.getByRole('button', { name: 'Print as PDF' }).waitFor();
    },
  },
  {
    name: 'cases-log',
    query: 'screen=cases&x-log=1',
    async prepare(page) {
      await page.getByTestId('chain').waitFor();
      await page.getByRole('grid', { name: 'Log' }).getByText('Trace kept').first().click();
    },
  },
  {
    name: 'cases-note',
    query: 'screen=cases',
    async prepare(page) {
      await page.getByRole('button', { name: 'Add a note' }).click();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Note' }).waitFor();
    },
  },
  {
    name: 'cases-bundle',
    query: 'screen=cases',
    async prepare(page) {
      await page.getByRole('button', { name: 'Export the bundle' }).click();
      await page.getByRole('button', { name: 'Make the bundle' }).click();
      await page.getByTestId('bundle-hash').waitFor({ timeout: 120_000 });
    },
  },
  {
    name: 'cases-check',
    query: 'screen=cases',
    async prepare(page) {
      await page.getByRole('button', { name: 'Check a bundle' }).click();
      const chosen = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose the bundle' }).click();
      await (
        await chosen
      ).setFiles({ name: 'night.backtrail-case', mimeType: 'application/zip', buffer: Buffer.from('none') });
      await page.getByRole('button', { name: 'Check it' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'cases-menu',
    query: 'screen=explore',
    async prepare(page) {
      await page.getByTestId('flow-count').waitFor();
      await page.getByRole('button', { name: /^(Case:|No case)/ }).click();
      await page.getByRole('menu').waitFor();
    },
  },
];
