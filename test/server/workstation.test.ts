/** The real workspace behind the real server: what a person's browser goes through. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import type { Job, JobFile } from '../../core/wire/contract-workspace.ts';
import type { Client, LinkState } from '../../core/wire/client-types.ts';
import { netflow5 } from '../build/netflow.ts';
import { temporaryFolder } from '../support.ts';
import { endOf, get, openClient, opened, openSocket, startHost, TOKEN, type Host } from './clients.ts';
import type { CoreContract } from '../../core/wire/contract.ts';

type Core = Client<CoreContract>;

async function follow(client: Core, job: string): Promise<{ job: Job; files: JobFile[] }> {
  let last: { job: Job; files: JobFile[] } | undefined;
  for await (const item of client.feed('jobs.watch', { job })) last = item;
  if (!last) throw new Error('the job said nothing');
  return last;
}

/** Sends files as a browser does, in pieces of 100,000 bytes. */
async function upload(client: Core, files: readonly { name: string; bytes: Uint8Array }[]): Promise<string> {
  const announced = files.map(({ name, bytes }) => ({ name, bytes: bytes.length }));
  const { upload: id } = await client.call('import.announce', { files: announced });
  for (const [file, { bytes }] of files.entries()) {
    for (let offset = 0; offset < bytes.length; offset += 100_000) {
      const piece = bytes.slice(offset, offset + 100_000);
      await client.call('import.piece', { upload: id, file, offset, bytes: piece });
    }
  }
  return id;
}

const datagram = (sequence: number): Uint8Array =>
  netflow5({ sysUpTime: 100_000, seconds: Math.floor(Date.now() / 1000), sequence }, [
    {
      source: '10.0.0.1',
      destination: '198.51.100.7',
      sourcePort: 4000 + sequence,
      destinationPort: 22,
      protocol: 6,
      packets: 2,
      octets: 100,
      first: 90_000,
      last: 95_000,
    },
  ]);

function sampleFile(part: string): { name: string; bytes: Uint8Array } {
  const source = loadSampleCase().sources.find(({ folder }) => folder.includes(part));
  const [name] = readdirSync(source?.folder ?? '');
  if (!source || name === undefined) throw new Error(`the sample has no ${part}`);
  return { name, bytes: readFileSync(join(source.folder, name)) };
}

describe('the workstation', () => {
  let host: Host;
  let folder: string;
  const clients: Core[] = [];
  const open = (): Core => {
    const client = openClient(host);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    folder = join(temporaryFolder(), 'store');
    host = await startHost({}, folder);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await host.close();
    expect(host.faults).toEqual([]);
  });

  it('opens the sample case, answers questions to it and traces it', async () => {
    const client = open();
    const { job, question } = await client.call('workspace.openSample', {});
    expect((await follow(client, job)).job).toMatchObject({ state: 'done', addedFlows: 4386 });
    const top = await client.call('query.top', { fields: ['proto'], by: 'flows', limit: 5 });
    // Flows that two exporters saw are counted once, and said.
    expect(top.total.flows + top.duplicates).toBe(4386);
    const list = await client.call('flows.open', { sort: 'start', descending: true });
    const { rows } = await client.call('flows.page', { list: list.list, offset: 0, limit: 10 });
    expect(rows).toHaveLength(10);
    const detail = await client.call('flows.detail', { flow: rows[0]?.id ?? '' });
    expect(detail.flow).toEqual(rows[0]);
    const { victim, from, atMs, site } = question;
    const result = await client.call('trace.run', { victim, from, at: atMs, site });
    expect(result.paths[0]?.hops.length).toBeGreaterThan(1);
    const upstream = result.paths[0]?.hops.find(({ evidence }) => evidence)?.connections[0];
    if (!upstream) throw new Error('the path has no hop that can be explained');
    const { source, sourcePort, destination, destinationPort } = upstream;
    const why = await client.call('trace.explain', {
      victim,
      from,
      at: atMs,
      site,
      upstream: { source, sourcePort, destination, destinationPort },
    });
    expect(why.about).toBe('hop');
    expect(why.upstream.views).toContainEqual(upstream);
    const { connections } = await client.call('trace.logins', { victim, at: atMs, site, limit: 1 });
    expect(connections[0]).toMatchObject({ source: from.address, sourcePort: from.port });
  }, 120_000);

  it('gives a whole result as a file, for one download', async () => {
    const client = open();
    const { job } = await client.call('workspace.openSample', {});
    await follow(client, job);
    const list = await client.call('flows.open', { filter: 'proto udp', sort: 'start', descending: false });
    const question = { filter: 'proto udp', format: 'csv' } as const;
    const { path, fileName } = await client.call('export.flows', question);
    const file = await get(host, path);
    expect(file.headers['content-disposition']).toBe(`attachment; filename="${fileName}"`);
    const [titles = '', ...lines] = file.text.trimEnd().split(/\r?\n/);
    expect(titles).toContain('protocolIdentifier');
    expect(lines).toHaveLength(list.total + list.duplicates);
    expect((await get(host, path)).status).toBe(404);
    const bad = client.call('export.flows', { ...question, filter: 'prot udp' });
    await expect(bad).rejects.toMatchObject({ code: 'bad-filter' });
  });

  it('says of an export what went into the file once it was taken whole', async () => {
    const client = open();
    const { job } = await client.call('workspace.openSample', {});
    await follow(client, job);
    const { path, export: id } = await client.call('export.flows', { filter: 'proto udp', format: 'csv' });
    const bytes = (await get(host, path)).text;
    const { summary } = await client.call('export.result', { export: id });
    expect(summary).toMatchObject({
      flows: bytes.trimEnd().split('\n').length - 1,
      bytes: bytes.length,
      damages: [],
    });
    const unknown = client.call('export.result', { export: 'another' });
    await expect(unknown).rejects.toMatchObject({ code: 'usage' });
  });

  it('imports what a browser sends, under the names it has there, and keeps nothing of the upload', async () => {
    const client = open();
    const files = [
      sampleFile('germany'),
      { ...sampleFile('korea'), name: 'seoul/day one/nfcapd' },
      { name: 'notes.txt', bytes: new TextEncoder().encode('no flows in here\n') },
    ];
    const { job } = await client.call('import.run', { upload: await upload(client, files) });
    const done = await follow(client, job);
    expect(done.job.state).toBe('done');
    const outcome = (name: string): string | undefined =>
      done.files.find((file) => file.name.endsWith(name))?.outcome;
    expect([outcome('netflow.pcap'), outcome('seoul/day one/nfcapd'), outcome('notes.txt')]).toEqual([
      'added',
      'added',
      'failed',
    ]);
    const failure = done.files.find(({ name }) => name.endsWith('notes.txt'))?.error;
    expect(failure?.code).toBe('not-an-archive');
    expect(failure?.message).not.toContain(folder);
    const { sources } = await client.call('workspace.sources', {});
    expect(sources.map(({ name }) => name)).toContain('seoul/day one/nfcapd');
    expect(readdirSync(join(folder, 'uploads'))).toEqual([]);
  });

  it('says of an empty file among others that it is empty', async () => {
    const client = open();
    const empty = { name: 'empty.bin', bytes: new Uint8Array() };
    const id = await upload(client, [empty, sampleFile('korea')]);
    const { job } = await client.call('import.run', { upload: id });
    const { files } = await follow(client, job);
    const found = files.find(({ name }) => name.endsWith('empty.bin'));
    expect(found?.error?.message).toMatch(/empty/i);
    expect(found?.error?.message).not.toContain('exist');
  });

  it('takes no piece out of turn, none beyond the announced size, and no name that leaves its folder', async () => {
    const client = open();
    const bad = ['../x', 'a/../../x', '/', 'a\\b', 'c:x', 'a/\u0000'];
    for (const name of bad) {
      const announced = client.call('import.announce', { files: [{ name, bytes: 1 }] });
      await expect(announced).rejects.toMatchObject({ code: 'usage' });
    }
    const { upload: id } = await client.call('import.announce', { files: [{ name: 'a', bytes: 4 }] });
    const piece = async (offset: number, length: number): Promise<unknown> =>
      client.call('import.piece', { upload: id, file: 0, offset, bytes: new Uint8Array(length) });
    await expect(piece(2, 2)).rejects.toMatchObject({ code: 'usage' });
    await expect(piece(0, 5)).rejects.toMatchObject({ code: 'usage' });
    await piece(0, 3);
    await expect(client.call('import.run', { upload: id })).rejects.toMatchObject({ code: 'usage' });
    await expect(
      client.call('import.announce', { files: [{ name: 'b', bytes: 2 ** 52 }] }),
    ).rejects.toMatchObject({
      code: 'cannot-write',
    });
  });

  it('forgets what a browser had sent when it goes away in the middle', async () => {
    const client = open();
    await client.call('import.announce', { files: [{ name: 'a', bytes: 4 }] });
    expect(readdirSync(join(folder, 'uploads'))).toHaveLength(1);
    client.close();
    const other = open();
    const gone = async (): Promise<boolean> => {
      await other.call('settings.get', {});
      return readdirSync(join(folder, 'uploads')).length === 0;
    };
    while (!(await gone()));
    expect(existsSync(folder)).toBe(true);
  });

  it('cancels an import, which goes on where it stopped when the same files come again', async () => {
    const client = open();
    const { job } = await client.call('workspace.openSample', {});
    await client.call('jobs.cancel', { job });
    const stopped = await follow(client, job);
    expect(stopped.job.state).toBe('cancelled');
    const again = await client.call('workspace.openSample', {});
    const done = await follow(client, again.job);
    expect(done.files.reduce((sum, file) => sum + file.flows, 0)).toBe(4386);
  });

  it('shows two browsers the same live flows, and ends the collector with all of them stored', async () => {
    const [first, second] = [open(), open()];
    const { urls } = await first.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
    const read = async (client: Core): Promise<number[]> => {
      const ports: number[] = [];
      for await (const { rows } of client.feed('collect.flows', {})) {
        ports.push(...rows.map(({ sourcePort }) => sourcePort));
        if (ports.includes(4005)) break;
      }
      return ports;
    };
    const reading = [read(first), read(second)];
    const socket = createSocket('udp4');
    const { hostname, port } = new URL(urls[0]?.replace('udp:', 'http:') ?? '');
    // The browsers' feeds begin at some moment: what they have in common is what came after it.
    let sequence = 0;
    const timer = setInterval(() => socket.send(datagram(sequence++ % 6), Number(port), hostname), 20);
    const [one = [], two = []] = await Promise.all(reading);
    clearInterval(timer);
    expect(one).toContain(4005);
    expect(two).toContain(4005);
    const last = await second.call('collect.stop', {});
    socket.close();
    expect(last.storedFlows).toBe(last.flows);
    await expect(first.call('collect.stop', {})).rejects.toMatchObject({ code: 'usage' });
  });

  it('is found again by its clients after it was started anew on the same port, and tells them on', async () => {
    const client = open();
    const seen: (string | null)[] = [];
    let wake = (): void => undefined;
    const controller = new AbortController();
    const reading = (async (): Promise<void> => {
      for await (const { store } of client.feed('workspace.status', {}, { signal: controller.signal })) {
        seen.push(store?.folder ?? null);
        wake();
      }
    })();
    const more = async (count: number): Promise<void> => {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    await more(1);
    const waiting = new Promise<LinkState>((resolve) =>
      client.onState((state) => (state === 'waiting' ? resolve(state) : undefined)),
    );
    const { port } = new URL(host.server.origin);
    await host.close();
    await waiting;
    const before = seen.length;
    host = await startHost({ port: Number(port), token: TOKEN }, folder);
    await more(before + 2);
    controller.abort();
    await reading;
    expect(client.state).toBe('open');
  });

  it('keeps settings, and has what another browser set', async () => {
    const value = [{ name: 'ssh', filter: 'dst port 22' }];
    await open().call('settings.set', { key: 'filters', value });
    expect((await open().call('settings.get', {})).values).toEqual({ filters: value });
    await open().call('settings.set', { key: 'filters', value: null });
    expect((await open().call('settings.get', {})).values).toEqual({});
  });

  it('outlives a value that is nested a hundred thousand times', async () => {
    const client = open();
    await client.call('collect.devices', {});
    const depth = 100_000;
    const header = `{"kind":"call","id":1,"name":"settings.set","value":{"key":"a","value":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const bytes = Buffer.alloc(8 + padded.length);
    bytes.set([0x42, 0x54, 1, 0]);
    bytes.writeUInt32LE(padded.length, 4);
    bytes.write(padded, 8);
    const socket = await opened(openSocket(host));
    const end = endOf(socket);
    socket.send(bytes);
    socket.on('message', () => socket.close());
    expect(await end).toBeGreaterThanOrEqual(1000);
    expect((await client.call('collect.devices', {})).devices.length).toBeGreaterThan(0);
    host.faults.splice(0);
  });

  it('says in sentences what cannot be done', async () => {
    const client = open();
    const refusals = [
      [client.call('workspace.sources', {}), 'no-store'],
      [client.call('query.top', { fields: ['srcip'], by: 'bytes', limit: 1 }), 'no-store'],
      [client.call('collect.start', { listen: ['http://x'] }), 'usage'],
      [client.call('collect.exporterConfig', { device: 'toaster', target: 'a:1' }), 'usage'],
      [client.call('workspace.openStore', { folder: '/tmp', create: true }), 'usage'],
      [client.call('jobs.cancel', { job: 'x' }), 'usage'],
      [client.call('settings.set', { key: '../x', value: 1 }), 'bad-request'],
    ] as const;
    for (const [refused, code] of refusals) await expect(refused).rejects.toMatchObject({ code });
    const { text } = await client.call('collect.exporterConfig', {
      device: 'softflowd',
      target: '10.0.0.9:2055',
    });
    expect(text).toContain('10.0.0.9:2055');
  });
});
