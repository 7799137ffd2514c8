import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { platform } from 'node:process';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const module = new URL('../../core/app/thread-priority.ts', import.meta.url).href;

/** The niceness (proc(5), stat) of a thread of its own, before and after it steps back. */
async function niceness(work: string): Promise<{ before: number; after: number }> {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const { readFileSync } = require('node:fs');
     const nice = () => Number(readFileSync('/proc/thread-self/stat', 'utf8').split(') ')[1].split(' ')[16]);
     const before = nice();
     import(${JSON.stringify(module)}).then(({ stepBack }) => {
       stepBack(${JSON.stringify(work)});
       parentPort.postMessage({ before, after: nice() });
     });`,
    { eval: true },
  );
  const [told] = (await once(thread, 'message')) as [{ before: number; after: number }];
  await thread.terminate();
  return told;
}

const ownNiceness = (): number =>
  Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[16]);

describe.runIf(platform === 'linux' && getPriority() < 10)('threads that step back', () => {
  it('let answers wait for what is stored, and both for the rest of the process', async () => {
    const own = ownNiceness();
    const storing = await niceness('storing');
    const answering = await niceness('answering');
    expect(storing.before).toBe(own);
    expect(storing.after).toBeGreaterThan(own);
    expect(answering.after).toBeGreaterThan(storing.after);
    expect(ownNiceness()).toBe(own);
  });
});
