import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { PIXEL } from '../cases/sample.ts';
import { describeWith, runCli, temporaryFolder } from '../support.ts';
import { printTheTrace, traceTheSample } from './trace-and-print.ts';
import { expectSoon, graveFindings, openPage, openSample, startServer, startWithSample } from './support.ts';

const SAMPLE =
  'x-victim=192.168.1.11&x-port=22&x-at=2026-11-21T00:41:23.800Z&x-from=177.34.210.9:52326&x-site=United+States&x-go=1';
const SLOW = 180_000;

const address = (url: string, query: string): string => url.replace('/#', `/?${query}#`);

const exhibits = (page: Page) => page.getByRole('grid', { name: 'Exhibits' });

/** A store has one case of a title: a test that is tried again makes another. */
let made = 0;

/** Makes a case over the Cases screen, whose title begins with `title`, and leaves it open. */
async function newCase(url: string, title: string): Promise<Page> {
  const name = `${title} ${++made}`;
  const page = await openPage(address(url, 'screen=cases'));
  await page.getByRole('button', { name: /^(Make the first case|New case)$/ }).click();
  const dialog = page.getByRole('dialog', { name: 'New case' });
  await dialog.getByLabel('Title').fill(name);
  await dialog.getByLabel('Reference').fill('IR-2026-117');
  await dialog.getByLabel('Examiner').fill('Night shift');
  await dialog.getByRole('button', { name: 'Create and open it' }).click();
  await page.getByRole('button', { name: `Case: ${name}` }).waitFor();
  return page;
}

/** Adds a note to the case that is shown. */
async function addNote(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a note' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Note' }).fill(text);
  await page.keyboard.press('Control+Enter');
  await exhibits(page)
    .getByText(text.split('\n')[0] ?? '')
    .first()
    .waitFor();
}

describeWith('chromium', 'the Cases screen', () => {
  let url: string;

  beforeAll(async () => {
    url = await startWithSample();
  }, 120_000);

  it(
    'takes a trace into a new case, a note, and hands over a bundle that case verify finds whole',
    async () => {
      // A store in which there is no case yet: it is made on the way.
      const { url: fresh } = await startServer();
      await openSample(await openPage(fresh));
      const page = await openPage(address(fresh, `screen=trace&${SAMPLE}`));
      await page.getByTestId('trace-answer').waitFor();
      await page.getByRole('button', { name: 'Keep in case' }).click();
      await page.getByLabel('Title').fill('Intrusion at the gateway');
      await page.getByRole('button', { name: 'Create and open it' }).click();
      await page
        .getByRole('textbox', { name: 'Note' })
        .fill('The login of 00:41 came through three machines.');
      await page.getByRole('button', { name: 'Keep', exact: true }).click();
      await page.getByText(/^Kept in “Intrusion at the gateway” as exhibit/).waitFor();
      await page.keyboard.press('0');
      await exhibits(page).getByText('Trace of the login to 192.168.1.11:22').first().waitFor();
      const chosen = page.getByRole('region', { name: 'The chosen exhibit' });
      expect(await chosen.innerText()).toContain('192.168.0.11 at Korea → 192.168.0.11 at Germany');
      await addNote(page, 'Korea was told.\nBy telephone, 10:20 UTC.');
      await page.getByRole('button', { name: 'Export the bundle' }).click();
      const download = page.waitForEvent('download', { timeout: SLOW });
      await page.getByRole('button', { name: 'Make the bundle' }).click();
      const bundle = await download;
      expect(bundle.suggestedFilename()).toBe('Intrusion-at-the-gateway.backtrail-case');
      const sha256 = await page.getByTestId('bundle-hash').innerText();
      const verified = await runCli(['case', 'verify', await bundle.path(), '--sha256', sha256.trim()]);
      expect(verified.stdout).toContain('finds the same path of 3 hops');
      expect(verified.stdout).toContain('Sound: it is the file whose SHA-256 was given');
      expect(verified.code).toBe(0);
    },
    SLOW,
  );

  it(
    'prints the trace that is shown, and the one that was kept',
    async () => {
      const { url: fresh } = await startServer();
      const page = await openPage(fresh);
      expect(await traceTheSample(page)).toContain('192.168.0.11 at Korea');
      const printed = page.waitForEvent('download', { timeout: SLOW });
      await printTheTrace(page);
      const shown = await printed;
      expect(shown.suggestedFilename()).toMatch(/^backtrail-trace-192\.168\.1\.11-20261121T\d{6}\.pdf$/);
      expect(readFileSync(await shown.path()).toString('latin1', 0, 5)).toBe('%PDF-');
      await page.getByRole('button', { name: 'Keep in case' }).click();
      await page.getByLabel('Title').fill('On paper');
      await page.getByRole('button', { name: 'Create and open it' }).click();
      await page.getByRole('button', { name: 'Keep', exact: true }).click();
      await page.getByText(/^Kept in “On paper”/).waitFor();
      await page.goto(address(fresh, 'screen=cases'));
      const again = page.waitForEvent('download', { timeout: SLOW });
      await page.getByRole('button', { name: 'Print as PDF' }).click();
      expect((await again).suggestedFilename()).toMatch(/^On-paper-trace-\d+\.pdf$/);
    },
    SLOW,
  );

  it('keeps the case open over a reload, and tells every step of it in a chain that is whole', async () => {
    const page = await newCase(url, 'Over a reload');
    await page.reload();
    await page.getByRole('button', { name: 'Case: Over a reload' }).waitFor();
    await page.getByRole('navigation', { name: 'Screens' }).getByText('Explore').click();
    await page.getByRole('combobox', { name: 'Filter' }).fill('port 22');
    await page.keyboard.press('Enter');
    await page.getByTestId('flow-count').waitFor();
    await page.goto(address(url, 'screen=cases&x-log=1'));
    await page.getByTestId('chain').getByText('chain verified').waitFor();
    const log = page.getByRole('grid', { name: 'Log' });
    await expectSoon(() => log.innerText()).toContain('filter port 22');
    expect(await log.innerText()).toContain('reference IR-2026-117 · examiner Night shift');
  });

  it('opens what was kept on the screen that it came from', async () => {
    await newCase(url, 'And back');
    const page = await openPage(
      address(url, 'screen=explore&filter=dst+port+22&range=2026-11-21T00:39:00Z..2026-11-21T00:41:30Z'),
    );
    const count = await page.getByTestId('flow-count').innerText();
    await page.getByRole('button', { name: 'Keep in case' }).click();
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByText(/^Kept in “And back \d+”/).waitFor();
    await page.goto(address(url, 'screen=cases'));
    await exhibits(page).getByText('Flows: dst port 22').waitFor();
    await exhibits(page).focus();
    await page.keyboard.press('o');
    await expectSoon(() => page.getByTestId('flow-count').innerText()).toBe(count);
    expect(page.url()).toContain('range=2026-11-21T00%3A39%3A00.000Z..2026-11-21T00%3A41%3A30.000Z');
  });

  it('withdraws an exhibit and closes a case with a reason, and deletes nothing', async () => {
    const page = await newCase(url, 'Withdrawn');
    await addNote(page, 'A wrong address.');
    await page.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await page.getByLabel('Why it is withdrawn').fill('It belongs to another case.');
    await page.getByRole('button', { name: 'Withdraw, with this reason' }).click();
    await exhibits(page).getByText('withdrawn: It belongs to another case.').waitFor();
    expect(await exhibits(page).innerText()).toContain('A wrong address.');
    await page.getByText(/^Exhibits \(0\)$/).waitFor();
    await page.getByRole('button', { name: 'Close the case' }).click();
    await page.getByLabel('Why it is closed').fill('It was made for a test.');
    await page.getByRole('button', { name: 'Close the case, with this reason' }).click();
    await page.getByRole('button', { name: 'Take it up again' }).waitFor();
    expect(await page.getByRole('button', { name: 'Add a note' }).count()).toBe(0);
    await page.getByRole('button', { name: 'No case is open' }).waitFor();
  });

  it('keeps a picture, a source with its hash, and shows them', async () => {
    const page = await newCase(url, 'Pictures');
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add a picture' }).click();
    await (await chosen).setFiles({ name: 'door.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL) });
    await page.getByRole('img', { name: 'door.png' }).waitFor();
    await page.goto(address(url, 'screen=sources'));
    await page
      .getByRole('button', { name: /^Keep .* in the case$/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByText(/^Kept in “Pictures \d+”/).waitFor();
    await page.goto(address(url, 'screen=cases'));
    const shown = page.getByRole('region', { name: 'The chosen exhibit' });
    await expectSoon(() => shown.innerText()).toMatch(/its SHA-256\s+[0-9a-f]{64}/);
  });

  it(
    'keeps the globe as it is seen, with what is drawn on it',
    async () => {
      await newCase(url, 'The globe');
      const page = await openPage(address(url, `screen=tracker&${SAMPLE}`), { width: 1000, height: 720 });
      page.setDefaultTimeout(SLOW / 2);
      await page.locator('[data-testid="globe"][data-ready="true"]').waitFor();
      await page.getByTestId('globe-point').first().waitFor({ state: 'attached' });
      const globe = page.getByRole('region', { name: 'Globe', exact: true });
      await globe.getByRole('button', { name: 'Keep in case' }).click();
      await page.getByRole('button', { name: 'Keep', exact: true }).click();
      await page.getByText(/^Kept in “The globe \d+”/).waitFor();
      await page.goto(address(url, 'screen=cases'));
      await page.getByRole('img', { name: 'The globe: the path of a login' }).waitFor();
      const colours = await page.evaluate<number>(`(async () => {
        const picture = document.querySelector('img[alt^="The globe"]');
        await picture.decode();
        const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
        const context = canvas.getContext('2d');
        context.drawImage(picture, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      })()`);
      // Land, sea, borders, arcs and letters: an empty canvas would have one colour, and the caption a few dozen.
      expect(colours).toBeGreaterThan(200);
    },
    SLOW,
  );

  it(
    'checks a bundle, and names what was changed in it',
    async () => {
      const page = await newCase(url, 'Checked');
      await addNote(page, 'The only exhibit.');
      await page.getByRole('button', { name: 'Export the bundle' }).click();
      const download = page.waitForEvent('download', { timeout: SLOW });
      await page.getByRole('button', { name: 'Make the bundle' }).click();
      const path = join(temporaryFolder(), 'checked.backtrail-case');
      await (await download).saveAs(path);
      const hash = (await page.getByTestId('bundle-hash').innerText()).trim();
      await page.getByRole('button', { name: 'Done' }).click();
      const bytes = readFileSync(path);
      const check = async (name: string, buffer: Buffer): Promise<string> => {
        await page.getByRole('button', { name: 'Check a bundle' }).click();
        const chosen = page.waitForEvent('filechooser');
        await page.getByRole('button', { name: 'Choose the bundle' }).click();
        await (await chosen).setFiles({ name, mimeType: 'application/zip', buffer });
        await page.getByLabel(/^The SHA-256 that was written down/).fill(hash);
        await page.getByRole('button', { name: 'Check it' }).click();
        await page.getByTestId('bundle-report').waitFor();
        const said = await page.getByTestId('bundle-report').innerText();
        await page.getByRole('button', { name: 'Done' }).click();
        return said;
      };
      expect(await check('whole.backtrail-case', bytes)).toContain(
        'Sound. It is the file whose SHA-256 was given',
      );
      const changed = Buffer.from(bytes);
      const at = bytes.indexOf('case.json') + 'case.json'.length + 40;
      changed[at] = (changed[at] ?? 0) ^ 1;
      const said = await check('changed.backtrail-case', changed);
      expect(said).toContain('Not sound.');
      expect(said).toContain('case.json was changed');
    },
    SLOW,
  );

  it('is led by keyboard, and stops recording when it is told to', async () => {
    const page = await newCase(url, 'By keyboard');
    await addNote(page, 'First note');
    await addNote(page, 'Second note');
    await exhibits(page).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const chosen = page.getByRole('region', { name: 'The chosen exhibit' });
    await expectSoon(() => chosen.getByRole('heading', { level: 3 }).innerText()).toBe('First note');
    await page.getByRole('button', { name: 'Case: By keyboard' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Stop recording' }).click();
    await page.getByRole('button', { name: 'No case is open' }).waitFor();
  });

  it(
    'has no serious violation of accessibility in either theme',
    async () => {
      const page = await newCase(url, 'For everybody');
      await addNote(page, 'A note that is read aloud.');
      for (const theme of ['dark', 'light']) {
        expect(await graveFindings(page), `exhibits, ${theme}`).toEqual([]);
        await page.getByText(/^Log \(\d+\)$/).click();
        await page.getByTestId('chain').waitFor();
        expect(await graveFindings(page), `log, ${theme}`).toEqual([]);
        await page.getByText(/^Exhibits \(\d+\)$/).click();
        await exhibits(page).waitFor();
        await exhibits(page).press('d');
      }
      await page.getByRole('button', { name: 'Check a bundle' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Choose the bundle' }).waitFor();
      expect(await graveFindings(page)).toEqual([]);
    },
    SLOW,
  );
});
