/** Electron's security checklist: a page that is taken over gains no more than the page had. */
import type { WebPreferences } from 'electron';
import { desktopNames } from '../core/wire/contract-desktop.ts';
import type { Electron } from './electron-parts.ts';

const SCHEME = 'app';

/** Writing text that the person copies; everything else that a page can ask for is denied. */
const PERMITTED = 'clipboard-sanitized-write';

/** How every window is made. `powers` are told to the preload script. */
export function webPreferences(
  preload: string,
  powers: readonly string[],
  developer: boolean,
): WebPreferences {
  return {
    preload,
    additionalArguments: [desktopNames.powersArgument + powers.join(',')],
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: developer,
  };
}

/** Before the program is ready: renderers are sandboxed, and `app:` is a scheme with an origin of its own. */
export function prepareSecurity({ app, protocol }: Electron): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** Whether an address is one of the program's own. */
export function isOwnAddress(address: string): boolean {
  return address === desktopNames.origin || address.startsWith(`${desktopNames.origin}/`);
}

/** Once ready, before the first window. */
export function lockDown({ app, session }: Electron): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((contents, permission, answer) => {
    answer(permission === PERMITTED && isOwnAddress(contents.getURL()));
  });
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === PERMITTED && isOwnAddress(origin.replace(/\/$/, '')),
  );
  defaultSession.setDevicePermissionHandler(() => false);
  // The page has no business with any network; the core's own questions do not pass here.
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) => {
    answer({ cancel: !isOwnAddress(url) && !/^(?:blob|data|devtools):/.test(url) });
  });
  app.on('web-contents-created', (_event, contents) => {
    const deny = (event: { preventDefault(): void }): void => event.preventDefault();
    contents.on('will-navigate', deny);
    contents.on('will-frame-navigate', deny);
    contents.on('will-redirect', deny);
    contents.on('will-attach-webview', deny);
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
