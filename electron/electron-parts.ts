/** The few parts of Electron that the shell uses: it is handed them, so that everything but `main.ts` runs without it. */
import type * as electron from 'electron';

export type Electron = Pick<
  typeof electron,
  | 'app'
  | 'BrowserWindow'
  | 'clipboard'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'MessageChannelMain'
  | 'protocol'
  | 'screen'
  | 'session'
  | 'shell'
>;

export type DeskWindow = electron.BrowserWindow;
