/**
 * The workstation in a headless Chromium against a real server: how soon it paints, how it scrolls, how it keeps up.
 *
 *   npx node test/bench/ui.ts [--rows 10000000] [--store DIR] [--minutes 2] [--rate 50000] [--only paint,scroll]
 *     [--views explore,tracker,arcs]
 *
 * Sections: paint, scroll, timeline, live, memory, latency. `--store` names a store to use; it is made with `--rows`
 * generated flows where it is not there, and kept. `--views` are what `live` looks at; `arcs` is the Tracker's live mode.
 * There is no GPU: Chromium draws on the same processors that the server and the sender of datagrams use. A frame's time
 * is the time between two calls of requestAnimationFrame.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { buildRenderer, needsBuild } from '../../core/cli/build-renderer.ts';
import { serveStore } from '../e2e/server-process.ts';
import { writeSkewed } from './skewed-flows.ts';
import { latency, memory, startLive, viewKeys, views } from './ui-collect.ts';
import { at, framesDuring, frameWords, liveWords, middle, ms, openPage, say } from './ui-frames.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    store: { type: 'string' },
    minutes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '50000' },
    only: { type: 'string', default: 'paint,scroll,timeline,live,memory,latency' },
    views: { type: 'string', default: Object.keys(viewKeys).join(',') },
  },
});
const work = mkdtempSync(join(tmpdir(), 'backtrail-bench-ui-'));
const RUNS = 5;
const SETTLE_MS = 4000;
const ZOOMS = 12;
/** The bars of a new window, or the panels of a new range, are there by then. */
const REST_MS = 1500;

const wanted = (section: string): boolean => options.only.split(',').includes(section);

async function storeOfRows(): Promise<string> {
  const folder = options.store ?? join(work, 'store');
  if (existsSync(join(folder, 'catalog.sqlite'))) return folder;
  mkdirSync(folder, { recursive: true });
  const file = join(work, 'flows.nfcapd');
  writeSkewed(file, Number(options.rows));
  await importIntoFolder(folder, [file], {});
  rmSync(file);
  return folder;
}

/** Each screen opened in a new browser window that has nothing of it, and when its panels have their content. */
async function paint(browser: Browser, url: string): Promise<void> {
  const first = await openPage(browser, url, 'screen=sources');
  const titles = await first.getByRole('navigation').getByRole('button').allInnerTexts();
  await first.context().close();
  for (const title of titles) {
    const id = title.trim().split('\n')[0]?.toLowerCase() ?? '';
    const painted: number[] = [];
    const filled: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const page = await openPage(browser, url, `screen=${id}`);
      filled.push(
        await page.evaluate<number>(`new Promise((resolve) => {
          const look = () => {
            const main = document.querySelector('main');
            const loading = [...(main?.querySelectorAll('[aria-label="Loading"]') ?? [])];
            // A list below the window's edge asks nothing until it is scrolled to.
            const isSeen = (part) => part.getBoundingClientRect().top < innerHeight;
            const ready = main?.innerText.trim() && !loading.some(isSeen);
            if (ready || performance.now() > 60000) resolve(performance.now());
            else requestAnimationFrame(look);
          };
          look();
        })`),
      );
      painted.push(
        await page.evaluate<number>(
          'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN',
        ),
      );
      await page.context().close();
    }
    say(
      `  ${id.padEnd(9)} first paint ${ms(middle(painted))}, nothing loading any more ${ms(middle(filled))}`,
    );
  }
}

async function exploreOf(browser: Browser, url: string): Promise<Page> {
  const page = await openPage(browser, url, 'screen=explore');
  await page.getByTestId('flow-count').waitFor();
  return page;
}

const SCROLLER = `document.querySelector('[role=grid][aria-label=Flows]').parentElement`;

/** By wheel, by dragging the scroll bar through all rows, and by End. */
async function scroll(browser: Browser, url: string): Promise<void> {
  const began = performance.now();
  const page = await exploreOf(browser, url);
  const rows = await page.evaluate<number>(`Number(${SCROLLER}.dataset.rows)`);
  say(
    `  ${rows.toLocaleString('en')} rows listed ${ms(performance.now() - began)} after the page was asked for`,
  );
  const grid = page.getByRole('grid', { name: 'Flows' });
  const box = await grid.boundingBox();
  await page.mouse.move((box?.x ?? 0) + 200, (box?.y ?? 0) + 200);
  await sleep(SETTLE_MS);
  const still = await framesDuring(page, () => sleep(3000));
  const wheel = await framesDuring(page, async () => {
    for (let turn = 0; turn < 150; turn++) await page.mouse.wheel(0, 240);
  });
  const drag = await framesDuring(page, () =>
    page.evaluate(`new Promise((resolve) => {
      const bar = ${SCROLLER};
      let step = 0;
      const move = () => {
        bar.scrollTop = (bar.scrollHeight * ++step) / 400;
        if (step < 400) requestAnimationFrame(move); else resolve();
      };
      move();
    })`),
  );
  say(`  nothing done:     ${frameWords(still)}`);
  say(`  wheel, 150 turns: ${frameWords(wheel)}`);
  say(`  scroll bar drawn from the first row to the last in 400 frames: ${frameWords(drag)}`);
  const jumps: number[] = [];
  for (const share of [0.2, 0.45, 0.1, 0.3, 0.05]) {
    jumps.push(
      await page.evaluate<number>(`new Promise((resolve) => {
        const from = performance.now();
        ${SCROLLER}.scrollTop = ${SCROLLER}.scrollHeight * ${share};
        const wait = () => {
          const cells = [...document.querySelectorAll('[role=grid][aria-label=Flows] [role=gridcell]')];
          if (cells.length > 0 && cells.every((cell) => cell.innerText !== '' || cell.children.length === 0)) resolve(performance.now() - from);
          else requestAnimationFrame(wait);
        };
        requestAnimationFrame(() => requestAnimationFrame(wait));
      })`),
    );
  }
  say(`  a jump to another part: its rows are there after ${ms(middle(jumps))}`);
  const jumped = performance.now();
  await grid.focus();
  await page.keyboard.press('End');
  const last = grid.locator(`[aria-rowindex="${rows + 1}"]`);
  await last
    .getByText(/\d\d:\d\d:\d\d/)
    .first()
    .waitFor();
  const text = (await last.innerText()).split('\n').slice(0, 4).join(' ');
  say(`  End: the last row (${text}) is there after ${ms(performance.now() - jumped)}`);
  await page.context().close();
}

/** From a turn of the wheel over the timeline to the second frame after it, in which the bars are drawn. */
async function timeline(browser: Browser, url: string): Promise<void> {
  const page = await exploreOf(browser, url);
  await page.getByTestId('timeline-brush').waitFor();
  await sleep(SETTLE_MS);
  const [scripts, frames] = await page.evaluate<[number[], number[]]>(`(async () => {
    const brush = document.querySelector('[data-testid=timeline-brush]');
    const box = brush.getBoundingClientRect();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const scripts = [], frames = [];
    for (let turn = 0; turn < 60; turn++) {
      await frame();
      const from = performance.now();
      brush.dispatchEvent(new WheelEvent('wheel', {
        deltaY: turn < 30 ? -40 : 40, clientX: box.left + box.width * 0.6, clientY: box.top + 40, bubbles: true, cancelable: true }));
      await new Promise((resolve) => { const c = new MessageChannel(); c.port1.onmessage = resolve; c.port2.postMessage(0); });
      scripts.push(performance.now() - from);
      await frame();
      await frame();
      frames.push(performance.now() - from);
    }
    return [scripts, frames];
  })()`);
  say(
    `  redraw after a turn of the wheel: work ${ms(middle(scripts))} (p99 ${ms(at(scripts, 0.99))}), shown within ${ms(middle(frames))} (p99 ${ms(at(frames, 0.99))}; up to 2 frames of waiting are in it)`,
  );
  const box = await page.getByTestId('timeline-brush').boundingBox();
  const across = (share: number): number => (box?.x ?? 0) + (box?.width ?? 0) * share;
  const height = (box?.y ?? 0) + 40;
  await page.mouse.move(across(0.5), height);
  const answered = await framesDuring(page, async () => {
    for (let turn = 0; turn < ZOOMS; turn++) {
      await page.mouse.wheel(0, turn < ZOOMS / 2 ? -300 : 300);
      await sleep(REST_MS);
    }
  });
  say(`  ${ZOOMS} turns, each followed by the new bars from the core: ${liveWords(answered)}`);
  const brushed = await framesDuring(page, async () => {
    await page.mouse.move(across(0.3), height);
    await page.mouse.down();
    await page.mouse.move(across(0.7), height, { steps: 60 });
    await page.mouse.up();
    await sleep(REST_MS);
  });
  say(`  a range brushed in 60 moves, and every panel's answer to it: ${liveWords(brushed)}`);
  await page.context().close();
}

if (needsBuild()) await buildRenderer();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
say(
  `${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)} before, Chromium ${browser.version()}, no GPU`,
);
try {
  if (wanted('paint') || wanted('scroll') || wanted('timeline')) {
    const server = await serveStore({ store: await storeOfRows() });
    try {
      for (const [name, section] of Object.entries({ paint, scroll, timeline })) {
        if (!wanted(name)) continue;
        say(`${name}:`);
        await section(browser, server.url);
      }
    } finally {
      await server.stop();
    }
  }
  if (wanted('live') || wanted('memory') || wanted('latency')) {
    say('live:');
    const collection = await startLive(browser, join(work, 'live'), Number(options.rate));
    try {
      if (wanted('latency')) await latency(collection);
      if (wanted('live')) await views(collection, options.views.split(','));
      if (wanted('memory')) await memory(collection, Number(options.minutes));
    } finally {
      await collection.close();
    }
  }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}
