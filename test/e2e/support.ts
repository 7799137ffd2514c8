/** The built workstation, a real server and a real Chromium. */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, expect, vi } from 'vitest';
import { buildRenderer, needsBuild } from '../../core/cli/build-renderer.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { serveStore, type ServerChoice, type ServerProcess } from './server-process.ts';

const LOCK = join(repositoryRoot, 'node_modules/.cache/renderer-build.lock');
const LONGEST_BUILD = 60_000;
/** Long enough for a small machine that runs other tests beside it. */
const PATIENCE = 20_000;

/** Builds the pages where they are missing or old. Test files that run at the same time build once. */
export async function builtRenderer(): Promise<void> {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const since = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      // A run that was killed has left its lock.
      if (Date.now() - since > LONGEST_BUILD) rmSync(LOCK, { recursive: true, force: true });
      await delay(200);
    }
  }
  try {
    if (needsBuild()) await buildRenderer();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

vi.setConfig({ testTimeout: 3 * PATIENCE });

/** `expect` of what a page comes to show. */
export function expectSoon<T>(read: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: PATIENCE });
}

const servers = new Set<ServerProcess>();
const contexts = new Set<BrowserContext>();
let browser: Browser | undefined;

/** `backtrail serve` as a process of its own, over a new store unless one is given. */
export async function startServer(choice: Partial<ServerChoice> = {}): Promise<ServerProcess> {
  const server = await serveStore({ store: temporaryFolder(), ...choice });
  servers.add(server);
  return server;
}

export interface PageChoice {
  readonly width?: number;
  readonly height?: number;
  /** Left open for the other tests of the file. */
  readonly stays?: boolean;
  /** What moves by itself for the eye alone stands still. */
  readonly still?: boolean;
}

/** A new browser window, with nothing remembered, on the address of a server. `path` is put behind the address. */
export async function openPage(url: string, choice: PageChoice = {}): Promise<Page> {
  const { width = 1600, height = 1000, stays = false, still = false } = choice;
  browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const context = await browser.newContext({
    viewport: { width, height },
    timezoneId: 'Asia/Seoul',
    reducedMotion: still ? 'reduce' : 'no-preference',
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  if (!stays) contexts.add(context);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(url);
  return page;
}

/** Opens the sample case and waits until all of it is stored. */
export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await page.locator('[data-testid="import-job"][data-state="done"]').first().waitFor();
}

/** The pages are built and a server stands over a store with the sample case; gives its address. */
export async function startWithSample(): Promise<string> {
  await builtRenderer();
  const { url } = await startServer();
  await openSample(await openPage(url));
  return url;
}

/** The number of rows that the flow table says it has. */
export async function flowCount(page: Page): Promise<number> {
  const text = await page.getByTestId('flow-count').innerText();
  return Number(text.replaceAll(/[^\d]/g, ''));
}

/** What the totals at the top of the lists say, and what the timeline says of itself. */
export async function totalFlows(page: Page): Promise<number> {
  const text = await page.getByTestId('totals').innerText();
  return Number((/([\d,]+)\s*flows/.exec(text)?.[1] ?? '').replaceAll(',', ''));
}

/** What axe calls serious or critical in the page, each with the elements that it found. */
export async function graveFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

afterEach(async () => {
  for (const context of contexts) await context.close();
  contexts.clear();
});

afterAll(async () => {
  await browser?.close();
  browser = undefined;
  for (const server of servers) server.kill();
  servers.clear();
});
