/** What a page does with its time: frames, and the processor time behind them. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const middle = (values: readonly number[]): number => at(values, 0.5);

export const at = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)] ?? Number.NaN;

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** Frame times while something is done, ms: from one call of requestAnimationFrame to the next. */
export async function framesDuring(page: Page, work: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(`(() => {
    const frames = (globalThis.frameTimes = []);
    let last = performance.now();
    const tick = () => {
      if (globalThis.frameTimes !== frames) return;
      const now = performance.now();
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  })()`);
  await work();
  return page.evaluate<number[]>('(() => { const f = frameTimes; frameTimes = undefined; return f; })()');
}

export const frameWords = (frames: readonly number[]): string =>
  `frames: median ${ms(middle(frames))}, p99 ${ms(at(frames, 0.99))}, longest ${ms(at(frames, 1))}`;

/** The same, with how many the eye takes for a stop. */
export const liveWords = (frames: readonly number[]): string =>
  `${frameWords(frames)}; longer than 100 ms: ${frames.filter((time) => time > 100).length} of ${frames.length}`;

/** Ticks of a second that /proc counts in. */
const TICKS = 100;

/** User and system time of a process so far, s; NaN where there is no /proc. */
function processorSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return Number.NaN;
  }
}

/** What it costs, which is the same on a busy machine: the page's main thread and the server, in words. */
export async function costDuring(page: Page, pid: number, work: () => Promise<unknown>): Promise<string> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async (): Promise<number> =>
    (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')
      ?.value ?? Number.NaN;
  const [page0, server0, began] = [await busy(), processorSeconds(pid), performance.now()];
  await work();
  const seconds = (performance.now() - began) / 1000;
  const share = (spent: number): string => `${((100 * spent) / seconds).toFixed(0)} %`;
  const [page1, server1] = [await busy(), processorSeconds(pid)];
  await devtools.detach();
  return `of a processor: main thread ${share(page1 - page0)}, server ${share(server1 - server0)}`;
}

/** A page in a window of its own that has nothing of the workstation yet. */
export async function openPage(browser: Browser, url: string, query: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(url.replace('/#', `/?${query}#`));
  return page;
}
