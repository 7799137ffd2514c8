/** The real program in the real Electron: where its binary is present, and said aloud where it is not. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { _electron as driver } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { electronBinary } from '../../core/cli/desktop.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';

const binary = electronBinary();
const why = 'SKIPPED: the binary of Electron is not installed, so that the real window was NOT tested';

describe('the desktop window', () => {
  it('opens the sample, traces it and prints', async ({ skip }) => {
    if (binary === undefined) {
      process.stderr.write(`\n${why}\n`);
      skip(why);
      return;
    }
    const built = spawnSync('npm', ['run', 'build:desktop'], { cwd: repositoryRoot, encoding: 'utf8' });
    expect(built.status, built.stderr).toBe(0);
    const folder = temporaryFolder();
    const program = await driver.launch({
      executablePath: binary,
      args: [repositoryRoot, '--no-sandbox', `--user-data-dir=${join(folder, 'user')}`],
      env: { ...process.env, XDG_DATA_HOME: folder },
    });
    try {
      const page = await program.firstWindow();
      await page
        .getByRole('button', { name: /sample/i })
        .first()
        .click();
      await page.getByText(/flows/i).first().waitFor();
      await page.goto('app://backtrail/?screen=trace').catch(() => undefined);
      expect(page.url()).toMatch(/^app:\/\/backtrail\//);
      const isolated = await page.evaluate(() => 'require' in globalThis || 'process' in globalThis);
      expect(isolated).toBe(false);
      const pdf = join(folder, 'page.pdf');
      await program.evaluate(async ({ BrowserWindow }, path) => {
        const [window] = BrowserWindow.getAllWindows();
        const { writeFileSync } = process.getBuiltinModule('node:fs');
        writeFileSync(path, (await window?.webContents.printToPDF({})) ?? '');
      }, pdf);
      expect(statSync(pdf).size).toBeGreaterThan(10_000);
    } finally {
      await program.close();
    }
  }, 240_000);
});
