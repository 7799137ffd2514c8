/** The real program in the real Electron: where its binary is present, and said aloud where it is not. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { _electron as driver, type ElectronApplication } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { electronBinary } from '../../core/cli/desktop.ts';
import { expectSoon } from '../e2e/support.ts';
import { printTheTrace, traceTheSample } from '../e2e/trace-and-print.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';

const binary = electronBinary();
const why = 'SKIPPED: the binary of Electron is not installed, so that the real window was NOT tested';

/** Builds the program and starts it over a folder of its own. */
async function launch(executablePath: string, folder: string): Promise<ElectronApplication> {
  const built = spawnSync('npm', ['run', 'build:desktop'], { cwd: repositoryRoot, encoding: 'utf8' });
  expect(built.status, built.stderr).toBe(0);
  return driver.launch({
    executablePath,
    args: [repositoryRoot, '--no-sandbox', `--user-data-dir=${join(folder, 'user')}`],
    env: { ...process.env, XDG_DATA_HOME: folder },
  });
}

/** Downloads go there, and no dialog asks where. */
const saveAt = (program: ElectronApplication, path: string): Promise<void> =>
  program.evaluate(({ session }, place) => {
    session.defaultSession.on('will-download', (_event, item) => item.setSavePath(place));
  }, path);

describe('the desktop window', () => {
  it('opens the sample, traces it, prints it and keeps it, and is cut off from Node', async ({ skip }) => {
    if (binary === undefined) {
      process.stderr.write(`\n${why}\n`);
      skip(why);
      return;
    }
    const folder = temporaryFolder();
    const program = await launch(binary, folder);
    try {
      const page = await program.firstWindow();
      page.setDefaultTimeout(60_000);
      expect(page.url()).toBe('app://backtrail/');
      expect(await page.evaluate(() => 'require' in globalThis || 'process' in globalThis)).toBe(false);
      expect(await traceTheSample(page)).toContain('192.168.0.11 at Korea');
      const pdf = join(folder, 'trace.pdf');
      await saveAt(program, pdf);
      await printTheTrace(page);
      await expectSoon(() => existsSync(pdf) && statSync(pdf).size > 10_000).toBe(true);
      expect(readFileSync(pdf).toString('latin1', 0, 5)).toBe('%PDF-');
      await page.getByRole('button', { name: 'Keep in case' }).click();
      await page.getByLabel('Title').fill('From the desktop');
      await page.getByRole('button', { name: 'Create and open it' }).click();
      await page.getByRole('button', { name: 'Keep', exact: true }).click();
      await page.getByText(/^Kept in “From the desktop”/).waitFor();
      await page.getByRole('button', { name: 'Case: From the desktop' }).click();
      await page.getByRole('menuitem', { name: 'Keep a picture of this window' }).click();
      await page.getByText(/^Kept as exhibit/).waitFor();
      await page.evaluate("location.href = 'https://example.org/'").catch(() => undefined);
      expect(page.url()).toMatch(/^app:\/\/backtrail\//);
    } finally {
      await program.close();
    }
  }, 300_000);
});
