/** The Tracker in its states. */
import type { Page } from 'playwright-core';
import type { Shot } from './shots.ts';

const question =
  'x-victim=192.168.1.11&x-port=22&x-at=2026-11-21T00:41:23.800Z&x-from=177.34.210.9:52326&x-site=United+States';

async function globeDrawn(page: Page): Promise<void> {
  await page.locator('[data-testid="globe"][data-ready="true"]').waitFor();
  // The ground is drawn tile by tile after the globe is there.
  await page.waitForTimeout(2500);
}

export const trackerShots: readonly Shot[] = [
  { name: 'tracker-start', query: 'screen=tracker', prepare: globeDrawn },
  { name: 'tracker', query: `screen=tracker&${question}`, prepare: globeDrawn },
  {
    name: 'tracker-hop',
    query: `screen=tracker&x-heat=none&x-hop=3&${question}`,
    async prepare(page) {
      await globeDrawn(page);
      await page.getByRole('slider', { name: 'Play head' }).focus();
      await page.keyboard.press('PageUp');
      await page.waitForTimeout(1500);
    },
  },
  {
    name: 'tracker-replay',
    query: 'screen=tracker&x-globe=replay&x-heat=flows',
    async prepare(page) {
      await globeDrawn(page);
      await page.getByRole('slider', { name: 'Replay' }).focus();
      for (let press = 0; press < 4; press++) await page.keyboard.press('PageUp');
      await page.getByTestId('pairs').getByText('→').first().waitFor();
      await page.waitForTimeout(1500);
    },
  },
  { name: 'tracker-live', query: 'screen=tracker&x-globe=live', prepare: globeDrawn },
];
