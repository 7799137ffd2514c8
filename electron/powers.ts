/** What the desktop can do for the page: each request was checked against the contract before it comes here. */
import { isAbsolute } from 'node:path';
import type { NativeImage } from 'electron';
import { MAX_PICTURE_BYTES } from '../core/wire/contract-case.ts';
import type { desktopMethods } from '../core/wire/contract-desktop.ts';
import type { Handlers } from '../core/wire/server.ts';
import type { DeskWindow, Electron } from './electron-parts.ts';
import type { RecentStores } from './recent.ts';
import type { Requests } from './requests.ts';

export type ChoiceOf = 'files' | 'folder' | 'store' | 'reports';

export interface PowersOptions {
  readonly electron: Electron;
  readonly recent: RecentStores;
  readonly requests: Requests;
  readonly window: () => DeskWindow | undefined;
  readonly openStore: (folder: string, create: boolean) => void;
}

const dialogs = {
  files: {
    title: 'Import flow archives',
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: 'Flow archives and captures', extensions: ['*'] },
      { name: 'Captures', extensions: ['pcap', 'pcapng'] },
      { name: 'Tables', extensions: ['csv', 'tsv', 'txt', 'gz', 'zst'] },
    ],
  },
  folder: { title: 'Import a folder of flow archives', properties: ['openDirectory', 'multiSelections'] },
  store: {
    title: 'Open a store, or choose an empty folder for a new one',
    properties: ['openDirectory', 'createDirectory'],
  },
  reports: {
    title: 'A folder for the reports of each month on the open store',
    properties: ['openDirectory', 'createDirectory'],
  },
} as const;

/** Paths that a person chose; none where the dialog was left. */
export async function choosePaths(
  { dialog }: Electron,
  window: DeskWindow | undefined,
  what: ChoiceOf,
): Promise<string[]> {
  const { title, properties, ...rest } = dialogs[what];
  const options = {
    title,
    properties: [...properties],
    ...('filters' in rest && {
      filters: rest.filters.map((one) => ({ ...one, extensions: [...one.extensions] })),
    }),
  };
  const answer = window ? await dialog.showOpenDialog(window, options) : await dialog.showOpenDialog(options);
  return answer.canceled ? [] : answer.filePaths;
}

export function makePowers(options: PowersOptions): Handlers<typeof desktopMethods> {
  const { electron, recent, requests, window, openStore } = options;
  return {
    'desktop.chooseFiles': async ({ what }) => ({ paths: await choosePaths(electron, window(), what) }),
    'desktop.reveal': ({ path }) => {
      if (isAbsolute(path)) electron.shell.showItemInFolder(path);
      return {};
    },
    'desktop.copyText': async ({ text }) => {
      await electron.clipboard.writeText(text);
      return {};
    },
    'desktop.picture': async () => {
      const shown = window();
      if (!shown) throw new Error('a picture was asked for by a window that is not there');
      return { png: fittingPng(await shown.webContents.capturePage()) };
    },
    'desktop.recentStores': () => ({ folders: recent.list() }),
    'desktop.openStore': ({ folder, create }) => {
      openStore(folder, create);
      return {};
    },
    'desktop.requests': (_, { signal }) => {
      if (!(signal instanceof AbortSignal)) throw new Error('a signal of another host');
      return requests.read(signal);
    },
  };
}

/** As a PNG file that a case takes: the picture of a large screen is made smaller. */
function fittingPng(image: NativeImage): Uint8Array {
  let fitting = image;
  let png = fitting.toPNG();
  while (png.length > MAX_PICTURE_BYTES) {
    fitting = fitting.resize({ width: Math.round(fitting.getSize().width * 0.75), quality: 'best' });
    png = fitting.toPNG();
  }
  return Uint8Array.from(png);
}
