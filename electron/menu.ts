/** The menu bar, with the keys of each entry. */
import type { MenuItemConstructorOptions } from 'electron';
import { basename } from 'node:path';

export interface MenuActions {
  openFiles(): void;
  openFolder(): void;
  openStore(): void;
  openRecent(folder: string): void;
  openSample(): void;
  chooseReports(): void;
  endReports(): void;
  /** A screen or a command of the page, by its id. */
  command(id: string): void;
  about(): void;
  quit(): void;
}

export interface MenuState {
  readonly isMac: boolean;
  readonly developer: boolean;
  readonly recent: readonly string[];
  /** Where the reports of each month go, if they are made. */
  readonly reports: string | undefined;
}

/** The screens of the page's rail; where the page has a digit for one, it is the same here. Ctrl+0 is the zoom's. */
const screens = [
  ['sources', 'Sources', '1'],
  ['explore', 'Explore', '2'],
  ['trace', 'Trace', '3'],
  ['tracker', 'Tracker', '4'],
  ['health', 'Health', '7'],
  ['reports', 'Reports', '9'],
  ['cases', 'Cases', 'Shift+C'],
] as const;

const separator: MenuItemConstructorOptions = { type: 'separator' };

export function menuTemplate(actions: MenuActions, state: MenuState): MenuItemConstructorOptions[] {
  const { isMac, developer, recent, reports } = state;
  const quit: MenuItemConstructorOptions = {
    label: isMac ? 'Quit Backtrail' : 'Quit',
    accelerator: 'CmdOrCtrl+Q',
    click: () => actions.quit(),
  };
  const about: MenuItemConstructorOptions = { label: 'About Backtrail', click: () => actions.about() };
  return [
    ...(isMac
      ? [{ label: 'Backtrail', submenu: [about, separator, { role: 'hide' as const }, separator, quit] }]
      : []),
    {
      label: '&File',
      submenu: [
        { label: 'Import Files…', accelerator: 'CmdOrCtrl+O', click: () => actions.openFiles() },
        { label: 'Import a Folder…', accelerator: 'CmdOrCtrl+Shift+O', click: () => actions.openFolder() },
        separator,
        { label: 'Open a Store…', accelerator: 'CmdOrCtrl+Alt+O', click: () => actions.openStore() },
        {
          label: 'Recent Stores',
          enabled: recent.length > 0,
          submenu: recent.map((folder) => ({
            label: `${basename(folder)}  (${folder})`,
            click: () => actions.openRecent(folder),
          })),
        },
        { label: 'Open the Sample Case', click: () => actions.openSample() },
        separator,
        { label: 'Monthly Reports into a Folder…', click: () => actions.chooseReports() },
        {
          label: reports === undefined ? 'No Monthly Reports' : `No More Monthly Reports  (${reports})`,
          enabled: reports !== undefined,
          click: () => actions.endReports(),
        },
        separator,
        isMac ? { role: 'close' } : quit,
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: screens.map(([id, label, key]) => ({
        label,
        accelerator: `CmdOrCtrl+${key}`,
        click: () => actions.command(id),
      })),
    },
    {
      label: '&View',
      submenu: [
        { label: 'Dark or Light', click: () => actions.command('scheme') },
        { label: 'Put Panels Back', click: () => actions.command('layout') },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(developer ? [separator, { role: 'toggleDevTools' as const }] : []),
      ],
    },
    { role: 'windowMenu' },
    ...(isMac ? [] : [{ label: '&Help', submenu: [about] }]),
  ];
}
