/** The start of the desktop program, in the order of its numbers. */
import { join } from 'node:path';
import { verifyBundle } from '../core/app/case/verify.ts';
import { defaultStoreFolder } from '../core/app/workspace/folder.ts';
import { openDesk, type Desk } from './desk.ts';
import type { DeskWindow, Electron } from './electron-parts.ts';
import { leaveCleanly } from './leave.ts';
import { menuTemplate } from './menu.ts';
import { MonthlyReports } from './monthly-reports.ts';
import { LINK_SCHEME, openingOfLink, openingOfPath, openingsOf, type Opening } from './openings.ts';
import { deskPages } from './pages.ts';
import { choosePaths, makePowers, type ChoiceOf } from './powers.ts';
import { RecentStores } from './recent.ts';
import { Requests } from './requests.ts';
import { lockDown, prepareSecurity } from './security.ts';
import { handOutPorts, openWindow } from './window.ts';

export interface BootOptions {
  /** The built pages. */
  readonly pages: string;
  /** The built preload script. */
  readonly preload: string;
  /** A PNG file, for desktops that ask the window for it. */
  readonly icon: string;
  /** The program's arguments, without its own name. */
  readonly args: readonly string[];
  readonly platform: NodeJS.Platform;
  readonly onFault: (error: unknown) => void;
}

/** Undefined where another instance runs: it was told what to open. */
export async function boot(electron: Electron, options: BootOptions): Promise<Desk | undefined> {
  const { app } = electron;
  const isMac = options.platform === 'darwin';
  // 1. One instance: another one hands its arguments to the first.
  if (!app.requestSingleInstanceLock({ args: [...options.args] })) {
    app.quit();
    return undefined;
  }
  // 2. What has to be said before Electron is ready.
  prepareSecurity(electron);
  // In a clone the program is Electron's own binary, and no link shall open that.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  // 3. What is asked for before there is a window, and after.
  const requests = new Requests();
  const openings: Opening[] = openingsOf(options.args, process.cwd());
  let take = (opening: Opening): void => void openings.push(opening);
  app.on('open-file', (event, path) => {
    event.preventDefault();
    const opening = openingOfPath(path);
    if (opening) take(opening);
  });
  app.on('open-url', (event, link) => {
    event.preventDefault();
    const opening = openingOfLink(link);
    if (opening) take(opening);
  });
  // 4. Electron is ready: everything is denied that is not needed.
  await app.whenReady();
  lockDown(electron);
  // 5. The core, on the store that was open last.
  const data = app.getPath('userData');
  const recent = new RecentStores(join(data, 'recent.json'));
  let window: DeskWindow | undefined;
  const openStore = (folder: string, create: boolean): void => {
    desk.workspace.openStore(folder, create);
    noteStore();
  };
  const noteStore = (): void => {
    recent.note(desk.workspace.folder);
    showMenu();
  };
  const desk = openDesk({
    folder: recent.list()[0] ?? defaultStoreFolder(),
    requests,
    powers: makePowers({ electron, recent, requests, window: () => window, openStore }),
    onStore: () => noteStore(),
    onFault: options.onFault,
  });
  recent.note(desk.workspace.folder);
  // 6. The pages, and the port that joins them to the core.
  const answer = deskPages({
    folder: options.pages,
    takeDownload: (path) => desk.workspace.downloads.take(path),
  });
  electron.protocol.handle('app', answer);
  handOutPorts({ electron, desk });
  // 7. The menu.
  const say = (sentence: string): void => requests.add({ kind: 'say', sentence, trouble: true });
  const telling = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const choose = async (what: ChoiceOf, then: (paths: string[]) => void): Promise<void> =>
    telling(async () => {
      const paths = await choosePaths(electron, window, what);
      if (paths.length > 0) then(paths);
    });
  const reports = new MonthlyReports(join(data, 'reports.json'), (sentence, trouble) =>
    requests.add({ kind: 'say', sentence, trouble }),
  );
  const makeReports = async (folder: string | undefined): Promise<void> => {
    await reports.choose(folder === undefined ? undefined : { store: desk.workspace.folder, folder });
    showMenu();
    const into = `The report of each month on this store goes into ${folder}.`;
    const sentence = folder === undefined ? 'No more monthly reports are made.' : into;
    requests.add({ kind: 'say', sentence, trouble: false });
  };
  const importPaths = (paths: string[]): void => requests.add({ kind: 'import', paths });
  const showMenu = (): void => {
    const actions = {
      openFiles: () => void choose('files', importPaths),
      openFolder: () => void choose('folder', importPaths),
      openStore: () => void choose('store', ([folder = '']) => openStore(folder, true)),
      openRecent: (folder: string) => void telling(() => openStore(folder, false)),
      openSample: () => requests.add({ kind: 'sample' }),
      chooseReports: () => void choose('reports', ([folder]) => void telling(() => makeReports(folder))),
      endReports: () => void telling(() => makeReports(undefined)),
      command: (id: string) => requests.add({ kind: 'command', id }),
      about: () => app.showAboutPanel(),
      quit: () => app.quit(),
    };
    const template = menuTemplate(actions, {
      isMac,
      developer: !app.isPackaged,
      recent: recent.list(),
      reports: reports.folder,
    });
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(template));
  };
  showMenu();
  // 8. The window, and how the program ends.
  const show = (): void => {
    const opened = openWindow({
      electron,
      desk,
      preload: options.preload,
      icon: options.icon,
      stateFile: join(data, 'window.json'),
      developer: !app.isPackaged,
      say,
      onFault: options.onFault,
    });
    if (!isMac) leaving.guard(opened);
    opened.on('closed', () => (window = undefined));
    window = opened;
  };
  const leaving = leaveCleanly({ electron, desk, reports, window: () => window, onFault: options.onFault });
  app.on('window-all-closed', () => (isMac ? undefined : app.quit()));
  app.on('activate', () => (window ? window.focus() : show()));
  show();
  // 9. What the program was asked to open.
  take = (opening) => void telling(() => follow(opening));
  const follow = async (opening: Opening): Promise<void> => {
    switch (opening.kind) {
      case 'import':
        return requests.add({ kind: 'import', paths: [...opening.paths] });
      case 'view':
        return requests.add({ kind: 'view', query: opening.query });
      case 'store':
        return openStore(opening.folder, false);
      case 'bundle': {
        const { case: name, findings, sha256 } = await verifyBundle(opening.path, { rerun: false });
        const sound = findings.length === 0;
        const found = sound
          ? 'Nothing in it contradicts itself.'
          : findings.map(({ message }) => message).join(' ');
        const sentence = `The bundle of the case "${name}": ${found} SHA-256 ${sha256}`.slice(0, 2000);
        return requests.add({ kind: 'say', sentence, trouble: !sound });
      }
    }
  };
  for (const opening of openings.splice(0)) take(opening);
  app.on('second-instance', (_event, _commandLine, folder, told) => {
    if (window?.isMinimized()) window.restore();
    if (window) window.focus();
    else show();
    for (const opening of openingsOf(argumentsOf(told), folder)) take(opening);
  });
  return desk;
}

/** What another start was given. Its command line itself has options of Electron's in it, and in a clone the clone's folder. */
function argumentsOf(told: unknown): string[] {
  const { args } = Object(told) as { readonly args?: unknown };
  return Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : [];
}
