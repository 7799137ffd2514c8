/** The few parts of Electron that the shell uses, without Electron: what is called is noted, and events are made by tests. */
import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { Electron } from '../../electron/electron-parts.ts';

type Listener = (...args: never[]) => unknown;

/** A picture whose file is smaller where it is less wide. */
const pictureOf = (bytes: number, width: number): object => ({
  toPNG: () => Buffer.alloc(bytes),
  getSize: () => ({ width, height: width / 2 }),
  resize: ({ width: narrower }: { width: number }) =>
    pictureOf(Math.round(bytes * (narrower / width) ** 2), narrower),
});

/** A window's page. */
class ContentsDouble extends EventEmitter {
  windowOpen: (() => { action: string }) | undefined;
  readonly sent: { channel: string; ports: unknown[] }[] = [];
  url = 'app://backtrail/';
  pictureBytes = 1000;
  readonly mainFrame = { url: 'app://backtrail/' };

  setWindowOpenHandler(handler: () => { action: string }): void {
    this.windowOpen = handler;
  }

  getURL(): string {
    return this.url;
  }

  /** As Electron gives it: in steps of a quarter smaller until it is small enough. */
  async capturePage(): Promise<object> {
    return Promise.resolve(pictureOf(this.pictureBytes, 3200));
  }

  postMessage(channel: string, _message: unknown, ports: unknown[]): void {
    this.sent.push({ channel, ports });
  }
}

export interface ElectronDouble {
  readonly electron: Electron;
  readonly app: EventEmitter;
  readonly ipcMain: EventEmitter;
  readonly windows: WindowDouble[];
  /** What was called, by name, with its arguments. */
  readonly calls: { readonly name: string; readonly args: readonly unknown[] }[];
  /** The last arguments of a call. */
  readonly args: (name: string) => readonly unknown[];
  readonly handler: (name: string) => Listener;
}

export class WindowDouble extends EventEmitter {
  readonly webContents = new ContentsDouble();
  readonly options: Readonly<Record<string, unknown>>;
  readonly loaded: string[] = [];
  maximized = false;

  constructor(options: Readonly<Record<string, unknown>>, app: EventEmitter) {
    super();
    this.options = options;
    app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return Promise.resolve();
  }

  maximize(): void {
    this.maximized = true;
  }

  isMaximized(): boolean {
    return this.maximized;
  }

  isMinimized(): boolean {
    return false;
  }

  getNormalBounds(): object {
    return { x: 10, y: 20, width: 1200, height: 800 };
  }

  /** As Electron does: it is gone unless a listener prevents it. */
  close(): void {
    let prevented = false;
    this.emit('close', { preventDefault: () => (prevented = true) });
    if (!prevented) this.emit('closed');
  }

  show(): void {
    this.emit('shown');
  }

  focus(): void {
    this.emit('focused');
  }
}

export interface DoubleOptions {
  readonly userData: string;
  /** False: another instance has the lock. */
  readonly first?: boolean;
  /** False: it runs from a clone. */
  readonly packaged?: boolean;
  /** The button that is pressed in each message box. */
  readonly button?: number;
  readonly chosen?: readonly string[];
}

export function makeDouble({
  userData,
  first = true,
  packaged = true,
  button = 0,
  chosen = [],
}: DoubleOptions): ElectronDouble {
  const calls: { name: string; args: readonly unknown[] }[] = [];
  const noted =
    <T>(name: string, answer: T) =>
    (...args: unknown[]): T => {
      calls.push({ name, args });
      return answer;
    };
  const app = Object.assign(new EventEmitter(), {
    isPackaged: packaged,
    requestSingleInstanceLock: noted('requestSingleInstanceLock', first),
    setAsDefaultProtocolClient: noted('setAsDefaultProtocolClient', true),
    enableSandbox: noted('enableSandbox', undefined),
    whenReady: async () => Promise.resolve(noted('whenReady', undefined)()),
    getPath: () => userData,
    showAboutPanel: noted('showAboutPanel', undefined),
    // As Electron does: the program ends unless a listener prevents it.
    quit: () => {
      let prevented = false;
      app.emit('before-quit', { preventDefault: () => (prevented = true) });
      if (!prevented) noted('quitted', undefined)();
    },
  });
  const windows: WindowDouble[] = [];
  const BrowserWindow = function (options: Readonly<Record<string, unknown>>) {
    const window = new WindowDouble(options, app);
    windows.push(window);
    return window;
  };
  const MessageChannelMain = function () {
    const { port1, port2 } = new MessageChannel();
    const mainSide = Object.assign(new EventEmitter(), {
      start: () => port1.start(),
      close: () => port1.close(),
      // Electron's own takes no buffers to move.
      postMessage: (value: unknown) => port1.postMessage(value),
    });
    port1.on('message', (data: unknown) => mainSide.emit('message', { data }));
    port1.on('close', () => mainSide.emit('close'));
    return { port1: mainSide, port2 };
  };
  const ipcMain = new EventEmitter();
  const electron = {
    app,
    BrowserWindow,
    MessageChannelMain,
    ipcMain,
    clipboard: { writeText: noted('writeText', undefined) },
    dialog: {
      showMessageBox: async (...args: unknown[]) =>
        Promise.resolve(noted('showMessageBox', { response: button })(...args)),
      showErrorBox: noted('showErrorBox', undefined),
      showOpenDialog: async (...args: unknown[]) =>
        Promise.resolve(
          noted('showOpenDialog', { canceled: chosen.length === 0, filePaths: [...chosen] })(...args),
        ),
    },
    Menu: {
      buildFromTemplate: (template: unknown) => template,
      setApplicationMenu: noted('setApplicationMenu', undefined),
    },
    protocol: {
      registerSchemesAsPrivileged: noted('registerSchemesAsPrivileged', undefined),
      handle: noted('handle', undefined),
    },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: {
      defaultSession: {
        setPermissionRequestHandler: noted('setPermissionRequestHandler', undefined),
        setPermissionCheckHandler: noted('setPermissionCheckHandler', undefined),
        setDevicePermissionHandler: noted('setDevicePermissionHandler', undefined),
        webRequest: { onBeforeRequest: noted('onBeforeRequest', undefined) },
      },
    },
    shell: { showItemInFolder: noted('showItemInFolder', undefined) },
  };
  const args = (name: string): readonly unknown[] => {
    const found = calls.findLast((call) => call.name === name);
    if (!found) throw new Error(`${name} was not called`);
    return found.args;
  };
  return {
    electron: electron as unknown as Electron,
    app,
    ipcMain,
    windows,
    calls,
    args,
    handler: (name) => args(name).find((one) => typeof one === 'function') as Listener,
  };
}
