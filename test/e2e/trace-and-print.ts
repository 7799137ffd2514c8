/** What a person does first: the sample, its trace, the trace on paper. The same in a browser and in the desktop window. */
import type { Page } from 'playwright-core';
import { openSample } from './support.ts';

/** Opens the sample on the screen that a new store begins with, and traces it. Gives the answer. */
export async function traceTheSample(page: Page): Promise<string> {
  await openSample(page);
  await page.getByRole('navigation', { name: 'Screens' }).getByText('Trace', { exact: true }).click();
  await page.getByRole('button', { name: /^Trace the sample/ }).click();
  const answer = page.getByTestId('trace-answer');
  await answer.waitFor();
  return answer.innerText();
}

/** Presses what makes the PDF of the trace that is shown; it comes as a download. */
export async function printTheTrace(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'Best-supported path' })
    .getByRole('button', { name: 'Export' })
    .click();
  await page.getByRole('menuitem', { name: 'Print as PDF, A4' }).click();
}
