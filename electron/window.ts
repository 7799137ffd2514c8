/** The window: made with the locked preferences, remembered, and brought back when its page dies. */
import type { BrowserWindow } from 'electron';
import { desktopNames, desktopPowers } from '../core/wire/contract-desktop.ts';
import type { Desk } from './desk.ts';
import type { DeskWindow, Electron } from './electron-parts.ts';
import { mainPort } from './main-port.ts';
import { isOwnAddress, webPreferences } from './security.ts';
import { readWindowState, smallestWindow, writeWindowState } from './window-state.ts';

export interface WindowOptions {
  readonly electron: Electron;
  readonly desk: Desk;
  /** The preload script. */
  readonly preload: string;
  /** A PNG file. */
  readonly icon: string;
  /** Where its place is remembered. */
  readonly stateFile: string;
  readonly developer: boolean;
  readonly say: (sentence: string) => void;
  readonly onFault: (error: unknown) => void;
}

/** More deaths of a page than this within a minute are no accident. */
const MAX_RELOADS = 3;
const MINUTE_MS = 60_000;

export function openWindow(options: WindowOptions): DeskWindow {
  const { electron, preload, icon, stateFile, developer, onFault } = options;
  const screens = electron.screen.getAllDisplays().map(({ workArea }) => workArea);
  const { maximized, ...place } = readWindowState(stateFile, screens);
  const window = new electron.BrowserWindow({
    ...place,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    title: 'Backtrail',
    icon,
    backgroundColor: '#0d1117',
    webPreferences: webPreferences(preload, desktopPowers, developer),
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized()));
  reviveWhenGone(window, options);
  window.loadURL(`${desktopNames.origin}/`).catch(onFault);
  return window;
}

function reviveWhenGone(window: BrowserWindow, { electron, say, onFault }: WindowOptions): void {
  let deaths: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    deaths = [...deaths.filter((at) => at > now - MINUTE_MS), now];
    if (deaths.length > MAX_RELOADS) {
      electron.dialog.showErrorBox(
        'Backtrail',
        `The page has ended again and again (${reason}). Quit and start anew.`,
      );
      return;
    }
    say(
      `The page had ended by a fault (${reason}) and was loaded again. What is collected and stored was not touched.`,
    );
    window.loadURL(`${desktopNames.origin}/`).catch(onFault);
  });
}

/** Gives a port to the page that asks for one, and to nobody else. */
export function handOutPorts({ electron, desk }: Pick<WindowOptions, 'electron' | 'desk'>): void {
  electron.ipcMain.on(desktopNames.connect, ({ sender, senderFrame }) => {
    if (!senderFrame || senderFrame !== sender.mainFrame || !isOwnAddress(senderFrame.url)) return;
    const { port1, port2 } = new electron.MessageChannelMain();
    desk.connect(mainPort(port1));
    sender.postMessage(desktopNames.port, null, [port2]);
  });
}
