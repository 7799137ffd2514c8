import { createSocket } from 'node:dgram';
import { setTimeout as after } from 'node:timers/promises';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeHandlers } from '../../core/app/handlers.ts';
import { verifyBundle } from '../../core/app/case/verify.ts';
import type { TraceBrief } from '../../core/model/case.ts';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { Workspace } from '../../core/app/workspace/workspace.ts';
import { makeClient } from '../../core/wire/client.ts';
import { memoryPipes } from '../../core/wire/memory-pipe.ts';
import { serve } from '../../core/wire/server.ts';
import { temporaryFolder } from '../support.ts';
import { inFolder, PIXEL } from './sample.ts';
import { MAX_PIECE_BYTES } from '../../core/wire/contract-import.ts';
import { contract } from '../../core/wire/contract.ts';
import { netflow5 } from '../build/netflow.ts';

/** Pages are drawn, which takes its time where other programs run. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = temporaryFolder();
const store = join(folder, 'store');
const workspace = new Workspace({
  folder: store,
  can: { importPaths: true, openStore: true },
  onFault: (error) => {
    throw error;
  },
});
const core = makeClient(contract, async () => {
  const [near, far] = memoryPipes();
  serve(far, contract, makeHandlers(workspace));
  return Promise.resolve(near);
});
const { victim, from, at, site } = loadSampleCase().question;
const question = { victim, from, at, site };

beforeAll(async () => {
  for (const { folder: source, site: place } of loadSampleCase().sources) {
    await importIntoFolder(store, [source], { site: place });
  }
});

afterAll(async () => {
  core.close();
  await workspace.close();
});

const actions = async (): Promise<string[]> =>
  (await core.call('case.log', { offset: 0, limit: 1000 })).steps.map(({ action }) => action);

/** Sends one file as a window does, and gives its upload. */
async function send(name: string, bytes: Uint8Array): Promise<string> {
  const { upload } = await core.call('import.announce', { files: [{ name, bytes: bytes.length }] });
  for (let offset = 0; offset < bytes.length; offset += MAX_PIECE_BYTES) {
    const piece = bytes.subarray(offset, offset + MAX_PIECE_BYTES);
    await core.call('import.piece', { upload, file: 0, offset, bytes: piece });
  }
  return upload;
}

describe('cases over the contract', () => {
  it('ask for a case where none is open', async () => {
    await expect(core.call('case.addNote', { text: 'lost' })).rejects.toMatchObject({ code: 'usage' });
  });

  it('have one of a name', async () => {
    const { case: made } = await core.call('case.create', {
      name: 'Night of the 21st',
      reference: 'IR-2026-117',
      examiner: 'Night shift',
    });
    await expect(core.call('case.create', { name: 'Night of the 21st' })).rejects.toMatchObject({
      code: 'usage',
    });
    expect(await core.call('case.list', {})).toMatchObject({
      open: made.id,
      cases: [{ name: 'Night of the 21st' }],
    });
  });

  it('say at their beginning under which number they run and who works on them', async () => {
    const { steps, total } = await core.call('case.log', { offset: 0, limit: 1 });
    expect(total).toBeGreaterThan(1);
    expect(steps).toMatchObject([
      { action: 'case-opened', parameters: { reference: 'IR-2026-117', examiner: 'Night shift' } },
    ]);
  });

  it('name every imported file in their log, with its hash and its decoder', async () => {
    const { steps } = await core.call('case.log', { offset: 1, limit: 1 });
    const [step] = steps;
    if (!step) throw new Error('the log has no second step');
    const { sources } = step.parameters as unknown as { sources: { sha256: string; decoder: string }[] };
    expect(sources).toHaveLength(12);
    expect(sources.every(({ sha256, decoder }) => /^[0-9a-f]{64}$/.test(sha256) && decoder.length > 0)).toBe(
      true,
    );
  });

  it('keep a trace, flows, a host, a note, a screenshot and a source', async () => {
    const { item } = await core.call('case.keepTrace', { question, note: 'the login' });
    expect(item).toMatchObject({ kind: 'trace', note: 'the login' });
    await core.call('case.keepFlows', { filter: 'port 22' });
    await core.call('case.keepHost', { address: '177.34.210.9' });
    await core.call('case.addNote', { text: 'called the owner' });
    const { item: picture } = await core.call('case.addScreenshot', { title: 'path', png: PIXEL });
    expect((await core.call('case.screenshot', { item: picture.id })).png).toEqual(PIXEL);
    await core.call('case.keepSource', { source: 1 });
    const { items } = await core.call('case.show', {});
    expect(items.map(({ kind }) => kind)).toEqual(['trace', 'flows', 'host', 'note', 'screenshot', 'source']);
  });

  it('tell of a kept trace its question and its machines, and not the whole answer', async () => {
    const { items } = await core.call('case.show', {});
    const content = items.find(({ kind }) => kind === 'trace')?.content as TraceBrief;
    expect(content.question.victim).toEqual(victim);
    expect(content.path.map(({ site: at }) => at)).toEqual(['Korea', 'Germany', null, 'United States']);
    expect(Object.keys(content).toSorted()).toEqual(['path', 'question', 'refusal']);
  });

  it('print a kept trace as a PDF, and nothing else', async () => {
    const { items } = await core.call('case.show', {});
    const trace = items.find(({ kind }) => kind === 'trace')?.id ?? 0;
    const { pdf, fileName } = await core.call('case.print', { item: trace, paper: 'a4' });
    expect(Buffer.from(pdf.subarray(0, 5)).toString('latin1')).toBe('%PDF-');
    expect(fileName).toBe(`Night-of-the-21st-trace-${trace}`);
    const note = items.find(({ kind }) => kind === 'note')?.id ?? 0;
    await expect(core.call('case.print', { item: note, paper: 'a4' })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('refuse what is no filter, no address and no picture', async () => {
    await expect(core.call('case.keepFlows', { filter: 'port port' })).rejects.toMatchObject({
      code: 'bad-filter',
    });
    await expect(core.call('case.keepHost', { address: 'example.org' })).rejects.toMatchObject({
      code: 'usage',
    });
    const png = new Uint8Array(30);
    await expect(core.call('case.addScreenshot', { title: 'x', png })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('log what is done while they are open, with its parameters, and nothing when they are not', async () => {
    await core.call('trace.run', question);
    const { steps } = await core.call('case.log', { offset: 0, limit: 1000 });
    expect(steps.at(-1)).toMatchObject({ action: 'trace.run', parameters: { victim, site } });
    const { open } = await core.call('case.list', {});
    await core.call('case.open', { case: null });
    await core.call('trace.run', question);
    await core.call('case.open', { case: open });
    expect((await actions()).length).toBe(steps.length);
  });

  it('keep in their log what was withdrawn, and leave it out of the bundle', async () => {
    const { items } = await core.call('case.show', {});
    const note = items.find(({ kind }) => kind === 'note');
    await core.call('case.withdraw', { item: note?.id ?? 0, reason: 'belongs elsewhere' });
    await expect(core.call('case.withdraw', { item: note?.id ?? 0, reason: 'again' })).rejects.toMatchObject({
      code: 'usage',
    });
    expect((await actions()).slice(-1)).toEqual(['item-withdrawn']);
    expect((await core.call('case.show', {})).case.items).toBe(5);
  });

  it('are exported while flows are collected, and the bundle is sound', async () => {
    const { urls } = await core.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
    const flows = [{ source: '10.0.0.1', destination: '10.0.0.2', protocol: 6, packets: 1, octets: 60 }];
    const socket = createSocket('udp4');
    const port = Number(new URL(urls[0] ?? '').port);
    const ending = new AbortController();
    const sending = (async () => {
      while (!ending.signal.aborted) {
        socket.send(
          netflow5({ sysUpTime: 60_000, seconds: Math.floor(Date.now() / 1000) }, flows),
          port,
          '127.0.0.1',
        );
        await after(5);
      }
    })();
    // What a program left that has ended since.
    mkdirSync(join(store, 'bundles'), { recursive: true });
    writeFileSync(join(store, 'bundles', '999999999-1.backtrail-case'), 'left');
    const { path, sha256, fileName, bytes } = await core.call('case.export', {});
    expect(readdirSync(join(store, 'bundles'))).toEqual([expect.stringMatching(`^${process.pid}-`)]);
    ending.abort();
    await sending;
    socket.close();
    await core.call('collect.stop', {});
    const pieces: Uint8Array[] = [];
    for await (const piece of workspace.downloads.take(path)?.bytes() ?? []) pieces.push(piece);
    const bundle = inFolder(folder, 'collected');
    writeFileSync(bundle, Buffer.concat(pieces));
    expect(Buffer.concat(pieces).length).toBe(bytes);
    expect(fileName).toBe('Night-of-the-21st.backtrail-case');
    const report = await verifyBundle(bundle, { rerun: true, sha256 });
    expect(report.findings).toEqual([]);
    expect(report.traces.map(({ same }) => same)).toEqual([true]);
    const { total } = await core.call('case.log', { offset: 0, limit: 1 });
    const { steps } = await core.call('case.log', { offset: total - 3, limit: 3 });
    expect(steps.find(({ action }) => action === 'case-exported')?.parameters).toEqual({
      file: fileName,
      sha256,
      bytes,
    });
  });

  it('check a bundle that is sent, and refuse what is none by its own name', async () => {
    const bytes = readFileSync(inFolder(folder, 'collected'));
    const report = await core.call('case.verify', { upload: await send('b.zip', bytes), rerun: true });
    expect(report.findings).toEqual([]);
    expect(report.traces.map(({ same }) => same)).toEqual([true]);
    const other = await core.call('case.verify', {
      upload: await send('b.zip', bytes),
      rerun: false,
      sha256: '0'.repeat(64),
    });
    expect(other.findings.map(({ kind }) => kind)).toEqual(['seal']);
    const wrong = send('holiday.zip', Buffer.from('no bundle'));
    await expect(core.call('case.verify', { upload: await wrong, rerun: false })).rejects.toThrow(
      /^holiday\.zip /,
    );
    expect(readdirSync(join(store, 'uploads'))).toEqual([]);
  });

  it('print a trace that nobody kept', async () => {
    const { pdf, fileName, answer } = await core.call('report.trace', { ...question, paper: 'letter' });
    expect(Buffer.from(pdf.subarray(0, 5)).toString('latin1')).toBe('%PDF-');
    expect(fileName).toMatch(/^backtrail-trace-192\.168\.1\.11-20261121T\d{6}$/);
    expect(answer).toContain('at site Korea');
  });
});
