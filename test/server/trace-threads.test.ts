import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { startTraceThread, type TraceProgress } from '../../core/app/jobs/trace.ts';
import { TraceThreads } from '../../core/app/jobs/trace-threads.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { DEFAULT_WITHIN, type TraceRequest } from '../../core/app/trace/store.ts';
import { temporaryFolder } from '../support.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const store = join(temporaryFolder(), 'store');
const { victim, from, at, site } = loadSampleCase().question;
const question: TraceRequest = { victim, from, at, site, within: DEFAULT_WITHIN };

const open = new Set<TraceThreads>();
let started = 0;

function threads(): TraceThreads {
  started = 0;
  const made = new TraceThreads(
    () => store,
    (data) => {
      started++;
      return startTraceThread(data);
    },
  );
  open.add(made);
  return made;
}

const asked = () => ({ signal: new AbortController().signal });

describe('the threads that trace', () => {
  beforeAll(async () => {
    for (const { folder, site: place } of loadSampleCase().sources)
      await importIntoFolder(store, [folder], { site: place });
  });

  afterEach(() => {
    for (const made of open) made.close();
    open.clear();
  });

  it('keep what a trace was made from, and explain its hops without reading anything again', async () => {
    const made = threads();
    const { paths } = await made.run(question, asked());
    const upstream = paths[0]?.hops[0]?.connections[0];
    if (!upstream) throw new Error('the sample has a path');
    const { source, sourcePort, destination, destinationPort } = upstream;
    const name = { source, sourcePort, destination, destinationPort };
    const explanation = await made.explain({ question, upstream: name }, asked());
    expect(explanation.upstream.views.map((view) => view.source)).toContain(source);
    expect(started).toBe(1);
  });

  it('say what they do: how much was read, then each step with the flows that were', async () => {
    const steps: TraceProgress[] = [];
    await threads().run(question, { ...asked(), onProgress: (step) => steps.push(step) });
    const reading = steps.filter(({ phase }) => phase === 'reading');
    expect(reading[0]).toMatchObject({ flows: 0, share: 0 });
    expect(reading.at(-1)?.share).toBe(1);
    const flows = reading.at(-1)?.flows ?? 0;
    expect(flows).toBeGreaterThan(0);
    const later = steps.slice(reading.length);
    expect(later.map(({ phase }) => phase)).toEqual([
      'putting connections together',
      expect.stringMatching(/^finding the silences of [\d,]+ connections$/),
      expect.stringMatching(/^searching [\d,]+ logins, 1 hop back$/),
      ...later.slice(3, -1).map((): unknown => expect.stringMatching(/ logins, \d hops back$/)),
      'assembling paths',
    ]);
    for (const step of later) expect(step.flows).toBe(flows);
  });

  it('trace anew where what was kept is gone', async () => {
    const made = threads();
    await made.run(question, asked());
    made.close();
    await made.run(question, asked());
    expect(started).toBe(2);
  });

  it('keep the last two questions and let an older one go', async () => {
    const made = threads();
    const { paths } = await made.run(question, asked());
    const upstream = paths[0]?.hops[0]?.connections[0];
    await made.run({ ...question, within: DEFAULT_WITHIN / 2 } as TraceRequest, asked());
    await made.run({ ...question, within: DEFAULT_WITHIN / 3 } as TraceRequest, asked());
    expect(started).toBe(3);
    if (!upstream) throw new Error('the sample has a path');
    await made.explain({ question, upstream }, asked());
    expect(started).toBe(4);
  });

  it('end the work of a trace that nobody waits for any more', async () => {
    const made = threads();
    const stop = new AbortController();
    const answer = made.run(question, { signal: stop.signal });
    await sleep(50);
    stop.abort();
    await expect(answer).rejects.toThrow('the trace was ended');
  });

  it('refuse a fifth trace at a time, and say what to do', async () => {
    const made = threads();
    const running = Array.from({ length: 4 }, () => made.once('run', question, asked()));
    await expect(made.run(question, asked())).rejects.toMatchObject({
      code: 'usage',
      message: '4 traces run already: wait for one of them, or cancel it.',
    });
    await Promise.all(running);
    await expect(made.once('run', question, asked())).resolves.toMatchObject({ refusal: null });
  });

  it('hand on the refusal of a question in its own words', async () => {
    const wrong = { ...question, at: (Number(at) + 86_400_000 * 30) as typeof at };
    await expect(threads().run(wrong, asked())).rejects.toMatchObject({ code: 'outside-archive' });
  });
});
