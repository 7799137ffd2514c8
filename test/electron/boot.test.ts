import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Store } from '../../core/store/store.ts';
import type { Client } from '../../core/wire/client-types.ts';
import { makeClient } from '../../core/wire/client.ts';
import type { DeskRequest } from '../../core/wire/contract-desktop.ts';
import { MAX_PICTURE_BYTES } from '../../core/wire/contract-case.ts';
import { portPipe, type PortLike } from '../../core/wire/port-pipe.ts';
import { boot } from '../../electron/boot.ts';
import { desktopContract, type Desk } from '../../electron/desk.ts';
import { screens } from '../../renderer/screens.ts';
import { temporaryFolder } from '../support.ts';
import { makeDouble, type DoubleOptions, type ElectronDouble } from './electron-double.ts';
import { makePages } from './pages-folder.ts';
import { netflow5 } from '../build/netflow.ts';

interface Booted extends ElectronDouble {
  readonly folder: string;
  readonly desk: Desk | undefined;
  readonly core: Client<typeof desktopContract>;
  /** The next thing that the shell asks of the page. */
  request(): Promise<DeskRequest>;
}

const opened: Booted[] = [];

afterEach(async () => {
  for (const { core, desk } of opened.splice(0)) {
    core.close();
    await desk?.close();
  }
});

async function start(
  options: Partial<DoubleOptions> = {},
  args: readonly string[] = [],
  folder = temporaryFolder(),
): Promise<Booted> {
  process.env['XDG_DATA_HOME'] = folder;
  const double = makeDouble({ userData: folder, ...options });
  const desk = await boot(double.electron, {
    pages: makePages(folder),
    preload: '/built/preload.cjs',
    icon: '/built/icon.png',
    args,
    platform: 'linux',
    onFault: (error) => {
      throw error;
    },
  });
  const core = makeClient(desktopContract, async () => {
    const contents = double.windows.at(-1)?.webContents;
    double.ipcMain.emit('backtrail-connect', { sender: contents, senderFrame: contents?.mainFrame });
    return Promise.resolve(portPipe(contents?.sent.at(-1)?.ports[0] as PortLike));
  });
  const requests = core.feed('desktop.requests', {})[Symbol.asyncIterator]();
  const request = async (): Promise<DeskRequest> => {
    const { value, done } = await requests.next();
    if (done === true) throw new Error('the shell asks for nothing any more');
    return value;
  };
  const booted = { ...double, folder, desk, core, request };
  opened.push(booted);
  return booted;
}

interface Item {
  readonly label?: string;
  readonly accelerator?: string;
  readonly submenu?: readonly Item[];
  readonly click?: () => void;
}

function menuItems({ args }: ElectronDouble): readonly Item[] {
  const [template] = args('setApplicationMenu') as [readonly Item[]];
  return template.flatMap(({ submenu }) => (Array.isArray(submenu) ? (submenu as readonly Item[]) : []));
}

const press = (double: ElectronDouble, label: string): void => {
  const item = menuItems(double).find((one) => one.label === label);
  if (!item?.click) throw new Error(`there is no entry ${label}`);
  item.click();
};

describe('the desktop program', () => {
  it('ends at once where it runs already', async () => {
    const double = await start({ first: false });
    expect(double.desk).toBeUndefined();
    expect(double.calls.map(({ name }) => name)).toEqual(['requestSingleInstanceLock', 'quitted']);
    expect(double.windows).toEqual([]);
  });

  it('serves the core and its own powers on the port of its window', async () => {
    const { core, args } = await start();
    const { cases } = await core.call('case.list', {});
    expect(cases).toEqual([]);
    await core.call('desktop.copyText', { text: 'a path' });
    expect(args('writeText')).toEqual(['a path']);
  });

  it('refuses what its contract does not allow', async () => {
    const { core, calls } = await start();
    const wrong = { path: 7 } as unknown as { path: string };
    await expect(core.call('desktop.reveal', wrong)).rejects.toMatchObject({ code: 'bad-request' });
    await core.call('desktop.reveal', { path: 'relative/path' });
    expect(calls.filter(({ name }) => name === 'showItemInFolder')).toEqual([]);
  });

  it('takes what a second start was asked to open', async () => {
    const double = await start();
    const file = join(double.folder, 'capture.pcap');
    writeFileSync(file, '');
    const told = { args: ['--flag', 'capture.pcap'] };
    double.app.emit('second-instance', {}, ['backtrail', '.', 'capture.pcap'], double.folder, told);
    expect(await double.request()).toEqual({ kind: 'import', paths: [file] });
  });

  it('opens nothing for a second start that says nothing, or nonsense', async () => {
    const double = await start();
    for (const told of [undefined, null, { args: 7 }, { args: [7, {}] }]) {
      double.app.emit('second-instance', {}, ['electron', '.'], double.folder, told);
    }
    press(double, 'Health');
    expect(await double.request()).toEqual({ kind: 'command', id: 'health' });
  });

  it('is asked for links where it is installed, and not where it runs from a clone', async () => {
    const installed = await start();
    expect(installed.args('setAsDefaultProtocolClient')).toEqual(['backtrail']);
    const clone = await start({ packaged: false });
    expect(clone.calls.some(({ name }) => name === 'setAsDefaultProtocolClient')).toBe(false);
  });

  it('gives the picture of its window as a file that a case takes', async () => {
    const { core, windows } = await start();
    const contents = windows[0]?.webContents;
    expect((await core.call('desktop.picture', {})).png.length).toBe(1000);
    if (contents) contents.pictureBytes = 9 << 20;
    const { png } = await core.call('desktop.picture', {});
    expect(png.length).toBeGreaterThan(1 << 20);
    expect(png.length).toBeLessThanOrEqual(MAX_PICTURE_BYTES);
  });

  it('imports files that the desktop opens with it, and files that its dialog gives', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'nfcapd.202611210000');
    writeFileSync(file, '');
    const double = await start({ chosen: [file] }, [], folder);
    double.app.emit('open-file', { preventDefault: () => undefined }, file);
    expect(await double.request()).toEqual({ kind: 'import', paths: [file] });
    press(double, 'Import Files…');
    expect(await double.request()).toEqual({ kind: 'import', paths: [file] });
  });

  it('goes to the view of a link, and follows no other', async () => {
    const link = 'backtrail://view?screen=explore&filter=port%2022';
    const double = await start({}, ['backtrail://run?command=rm', link]);
    expect(await double.request()).toEqual({ kind: 'view', query: 'screen=explore&filter=port%2022' });
    double.app.emit('open-url', { preventDefault: () => undefined }, 'https://example.org/');
    press(double, 'Explore');
    expect(await double.request()).toEqual({ kind: 'command', id: 'explore' });
  });

  it('opens stores, remembers them, and starts with the last one', async () => {
    const folder = temporaryFolder();
    const store = join(folder, 'evidence');
    mkdirSync(store);
    Store.open(store, { create: true }).close();
    const first = await start({ chosen: [store] }, [], folder);
    press(first, 'Open a Store…');
    await expect.poll(() => first.desk?.workspace.folder).toBe(store);
    expect(await first.core.call('desktop.recentStores', {})).toEqual({ folders: [store] });
    const second = await start({}, [], folder);
    expect(second.desk?.workspace.folder).toBe(store);
    expect(menuItems(second).find(({ label }) => label === 'Recent Stores')?.submenu).toHaveLength(1);
  });

  it('remembers a store that its page has opened', async () => {
    const folder = temporaryFolder();
    const double = await start({}, [], folder);
    const store = join(folder, 'typed');
    await double.core.call('workspace.openStore', { folder: store, create: true });
    expect(await double.core.call('desktop.recentStores', {})).toEqual({ folders: [store] });
    expect(menuItems(double).find(({ label }) => label === 'Recent Stores')?.submenu).toHaveLength(1);
  });

  it('says what is wrong with a store that cannot be opened', async () => {
    const folder = temporaryFolder();
    const store = join(folder, 'broken');
    mkdirSync(store);
    writeFileSync(
      join(store, 'catalog.sqlite'),
      'no database, and long enough to be taken for one'.repeat(100),
    );
    const double = await start({ chosen: [store] }, [], folder);
    press(double, 'Open a Store…');
    expect(await double.request()).toMatchObject({ kind: 'say', trouble: true });
  });

  it('has a key for each entry that opens something', async () => {
    const items = menuItems(await start());
    const keys = items.flatMap(({ accelerator }) => (accelerator === undefined ? [] : [accelerator]));
    expect(keys).toEqual(
      expect.arrayContaining(['CmdOrCtrl+O', 'CmdOrCtrl+Shift+O', 'CmdOrCtrl+1', 'CmdOrCtrl+Q']),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('goes to every screen of the page, by the key that the page has for it', async () => {
    const items = menuItems(await start());
    for (const { title, key } of screens) {
      const item = items.find(({ label }) => label === title);
      expect(item?.accelerator, title).toBe(key === '0' ? 'CmdOrCtrl+Shift+C' : `CmdOrCtrl+${key}`);
    }
  });

  it('makes the reports of each month where a person wants them, and no more where not', async () => {
    const reports = temporaryFolder();
    const double = await start({ chosen: [reports] });
    expect(menuItems(double).find(({ label }) => label === 'No Monthly Reports')).toMatchObject({
      enabled: false,
    });
    press(double, 'Monthly Reports into a Folder…');
    expect(await double.request()).toMatchObject({
      kind: 'say',
      sentence: `The report of each month on this store goes into ${reports}.`,
    });
    press(double, `No More Monthly Reports  (${reports})`);
    const sentences: string[] = [];
    // One was begun, and may have been told of first.
    while (sentences.at(-1) !== 'No more monthly reports are made.') {
      const told = await double.request();
      sentences.push(told.kind === 'say' ? told.sentence : '');
    }
    expect(menuItems(double).some(({ label }) => label === 'No Monthly Reports')).toBe(true);
  });

  it('remembers where its window was', async () => {
    const folder = temporaryFolder();
    const first = await start({}, [], folder);
    first.windows[0]?.close();
    const second = await start({}, [], folder);
    expect(second.windows[0]?.options).toMatchObject({ x: 10, y: 20, width: 1200, height: 800 });
  });

  it('loads its page again where that dies, and says so', async () => {
    const double = await start();
    const [window] = double.windows;
    window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(window?.loaded).toEqual(['app://backtrail/', 'app://backtrail/']);
    expect(await double.request()).toMatchObject({ kind: 'say', trouble: true });
    for (let i = 0; i < 3; i++) window?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(window?.loaded).toHaveLength(4);
    expect(double.args('showErrorBox')[1]).toContain('again and again');
  });
});

describe('quitting', () => {
  it('asks nothing where nothing runs', async () => {
    const double = await start();
    double.app.emit('window-all-closed');
    await expect.poll(() => double.calls.some(({ name }) => name === 'quitted')).toBe(true);
    expect(double.calls.some(({ name }) => name === 'showMessageBox')).toBe(false);
  });

  it('goes on where the person says so while the collector runs', async () => {
    const double = await start({ button: 1 });
    await double.core.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
    double.electron.app.quit();
    await expect.poll(() => double.calls.some(({ name }) => name === 'showMessageBox')).toBe(true);
    expect(double.desk?.workspace.collector.running).toBeDefined();
    expect(double.calls.some(({ name }) => name === 'quitted')).toBe(false);
  });

  it('keeps its window where the person goes on, and closes it where nothing runs', async () => {
    const double = await start({ button: 1 });
    const [window] = double.windows;
    let gone = false;
    window?.on('closed', () => (gone = true));
    await double.core.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
    window?.close();
    await expect.poll(() => double.calls.some(({ name }) => name === 'showMessageBox')).toBe(true);
    expect(double.args('showMessageBox')).toHaveLength(2);
    expect(gone).toBe(false);
    await double.core.call('collect.stop', {});
    window?.close();
    expect(gone).toBe(true);
  });

  it('stores what has arrived before the program ends', async () => {
    const double = await start({ button: 0 });
    const { urls } = await double.core.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
    const socket = createSocket('udp4');
    const flows = [
      {
        source: '10.0.0.1',
        destination: '10.0.0.2',
        protocol: 6,
        packets: 1,
        octets: 60,
        first: 1000,
        last: 2000,
      },
    ];
    socket.send(
      netflow5({ sysUpTime: 60_000, seconds: Math.floor(Date.now() / 1000) }, flows),
      Number(new URL(urls[0] ?? '').port),
      '127.0.0.1',
    );
    await expect.poll(() => double.desk?.workspace.collector.status?.flows, { timeout: 20_000 }).toBe(1);
    socket.close();
    double.electron.app.quit();
    await expect
      .poll(() => double.calls.some(({ name }) => name === 'quitted'), { timeout: 20_000 })
      .toBe(true);
    using store = Store.open(double.desk?.workspace.folder ?? '', { create: false });
    expect(store.sources().reduce((sum, { rows }) => sum + rows, 0)).toBe(1);
  });
});

describe('a collector that dies', () => {
  it('is started again where it listened, and the person is told', async () => {
    const double = await start();
    await double.core.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
    const collector = double.desk?.workspace.collector;
    const before = collector?.running;
    // Its end without a word from the person is what a dead thread leaves behind.
    await collector?.stop();
    expect(await double.request()).toMatchObject({ kind: 'say', trouble: true });
    expect(collector?.running).toBeDefined();
    expect(collector?.running).not.toBe(before);
    await double.core.call('collect.stop', {});
    expect(collector?.running).toBeUndefined();
  });
});

describe('its window state', () => {
  it('is forgotten where the screen is gone that it was on', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'window.json'), JSON.stringify({ x: 4000, y: 20, width: 1200, height: 800 }));
    const { windows } = await start({}, [], folder);
    expect(windows[0]?.options).not.toHaveProperty('x');
    expect(windows[0]?.options).toMatchObject({ width: 1200, height: 800 });
    expect(readFileSync(join(folder, 'window.json'), 'utf8')).toContain('4000');
  });
});
