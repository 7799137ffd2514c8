/** Trace and Health in their states, over the sample case. */
import type { Page } from 'playwright-core';
import type { Shot } from './shots.ts';

const sample =
  'x-victim=192.168.1.11&x-port=22&x-at=2026-11-21T00:41:23.800Z&x-from=177.34.210.9:52326&x-site=United+States&x-go=1';

const compared = (page: Page): Promise<void> => page.getByText('boundary recurs').waitFor();

export const traceShots: readonly Shot[] = [
  {
    name: 'trace-start',
    query: 'screen=trace',
    prepare: (page) => page.getByRole('button', { name: /^Trace the sample/ }).waitFor(),
  },
  { name: 'trace', query: `screen=trace&${sample}`, prepare: compared },
  {
    name: 'trace-stranger',
    query: `screen=trace&${sample}`,
    async prepare(page) {
      await compared(page);
      const candidates = page.getByRole('grid', { name: 'Candidates' });
      await candidates.focus();
      await page.keyboard.press('End');
      await candidates.getByText('unrelated').first().click();
      await page.getByText('candidate', { exact: true }).waitFor();
    },
  },
  {
    name: 'trace-why',
    query: `screen=trace&x-why=1&${sample}`,
    prepare: (page) => page.getByTestId('total-nats').waitFor(),
  },
  {
    name: 'trace-cpf',
    query: `screen=trace&x-method=cpf&${sample}`,
    prepare: (page) => page.getByRole('grid', { name: 'Candidates by CPF' }).waitFor(),
  },
  {
    name: 'trace-ambiguous',
    query: 'screen=trace&x-victim=192.168.0.11&x-at=2026-11-21T00:41:23.800Z&x-go=1',
    prepare: (page) => page.getByRole('group', { name: 'Choose the victim’s site' }).waitFor(),
  },
  {
    name: 'trace-discover',
    query: 'screen=trace&x-tab=discover&x-sought=all',
    prepare: (page) => page.getByTestId('discovery').waitFor(),
  },
  {
    name: 'health',
    query: 'screen=health',
    prepare: (page) => page.getByRole('region', { name: 'Store' }).getByText('2026-11-21').waitFor(),
  },
];
