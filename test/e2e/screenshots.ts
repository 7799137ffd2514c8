/**
 * Writes every screen in its states, at both sizes and in both themes, to dist/screenshots: to be looked at. Arguments:
 * only those whose names begin so and only those sizes and themes, `npm run screenshots -- explore trace 1280-light`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { buildRenderer, needsBuild } from '../../core/cli/build-renderer.ts';
import { serveStore } from './server-process.ts';
import { shots, type ShotStore } from './shots.ts';

const folder = fileURLToPath(new URL('../../dist/screenshots', import.meta.url));
const sizes = [
  { width: 1600, height: 1000 },
  { width: 1280, height: 720 },
];

/** The others show what it has stored: done even where its own picture is not wanted. */
const FILLS_STORE = 'sources';

const isSuffix = (argument: string): boolean => /^\d+-(dark|light)$/.test(argument);
const only = process.argv.slice(2).filter((argument) => !isSuffix(argument));
const suffixes = process.argv.slice(2).filter(isSuffix);
const isWanted = (name: string): boolean => only.length === 0 || only.some((start) => name.startsWith(start));

async function takeAll(page: Page, urls: Readonly<Record<ShotStore, string>>, suffix: string): Promise<void> {
  for (const { name, query, prepare, store = 'sample' } of shots) {
    if (!isWanted(name) && name !== FILLS_STORE) continue;
    await page.goto('about:blank');
    await page.goto(urls[store].replace('/#', `/?${query}#`));
    await prepare(page);
    if (!isWanted(name)) continue;
    // Bars and fonts are drawn a moment after their data are there.
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(folder, `${name}-${suffix}.png`) });
  }
}

if (needsBuild()) await buildRenderer();
mkdirSync(folder, { recursive: true });
const stores = mkdtempSync(join(tmpdir(), 'backtrail-screenshots-'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const servers = {
  sample: await serveStore({ store: join(stores, 'sample') }),
  empty: await serveStore({ store: join(stores, 'empty') }),
  damaged: await serveStore({ store: join(stores, 'damaged') }),
};
const urls = { sample: servers.sample.url, empty: servers.empty.url, damaged: servers.damaged.url };
try {
  for (const viewport of sizes) {
    for (const scheme of ['dark', 'light']) {
      const suffix = `${viewport.width}-${scheme}`;
      if (suffixes.length > 0 && !suffixes.includes(suffix)) continue;
      const context = await browser.newContext({ viewport, timezoneId: 'Asia/Seoul' });
      const settings = JSON.stringify({ state: { scheme }, version: 1 });
      await context.addInitScript(`localStorage.setItem('backtrail-settings', ${JSON.stringify(settings)})`);
      const page = await context.newPage();
      await takeAll(page, urls, suffix);
      await context.close();
    }
  }
} finally {
  for (const server of Object.values(servers)) await server.stop();
  await browser.close();
  rmSync(stores, { recursive: true, force: true });
}
