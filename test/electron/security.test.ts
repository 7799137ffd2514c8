import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot } from '../../electron/boot.ts';
import type { Desk } from '../../electron/desk.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { makeDouble } from './electron-double.ts';
import { makePages } from './pages-folder.ts';

const folder = temporaryFolder();
const double = makeDouble({ userData: folder });
let desk: Desk | undefined;

beforeAll(async () => {
  process.env['XDG_DATA_HOME'] = folder;
  desk = await boot(double.electron, {
    pages: makePages(folder),
    preload: '/built/preload.cjs',
    icon: '/built/icon.png',
    args: [],
    platform: 'linux',
    onFault: (error) => {
      throw error;
    },
  });
});

afterAll(async () => desk?.close());

const window = () => {
  const [first] = double.windows;
  if (!first) throw new Error('no window was made');
  return first;
};

describe('the window', () => {
  it('is sandboxed and isolated, without Node, webviews or the file system', () => {
    expect(window().options['webPreferences']).toMatchObject({
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
      devTools: false,
    });
    expect(window().options['webPreferences']).not.toHaveProperty('enableBlinkFeatures');
    expect(double.calls.map(({ name }) => name).indexOf('enableSandbox')).toBeLessThan(
      double.calls.map(({ name }) => name).indexOf('whenReady'),
    );
  });

  it('shows pages of its own scheme alone', () => {
    expect(window().loaded).toEqual(['app://backtrail/']);
    expect(double.args('registerSchemesAsPrivileged')).toEqual([
      [{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } }],
    ]);
  });

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    'denies %s',
    (event) => {
      let prevented = false;
      window().webContents.emit(event, { preventDefault: () => (prevented = true) });
      expect(prevented).toBe(true);
    },
  );

  it('opens no other windows', () => {
    expect(window().webContents.windowOpen?.()).toEqual({ action: 'deny' });
  });

  it.each([
    'media',
    'geolocation',
    'notifications',
    'midi',
    'openExternal',
    'fileSystem',
    'clipboard-read',
    'hid',
  ])('denies the permission %s', (permission) => {
    const answers: boolean[] = [];
    const ask = double.handler('setPermissionRequestHandler') as (...args: unknown[]) => void;
    ask({ getURL: () => 'app://backtrail/' }, permission, (answer: boolean) => answers.push(answer));
    const check = double.handler('setPermissionCheckHandler') as (...args: unknown[]) => boolean;
    expect([...answers, check(null, permission, 'app://backtrail')]).toEqual([false, false]);
    expect((double.handler('setDevicePermissionHandler') as () => boolean)()).toBe(false);
  });

  it('lets its own pages, and no others, put text on the clipboard', () => {
    const check = double.handler('setPermissionCheckHandler') as (...args: unknown[]) => boolean;
    expect(check(null, 'clipboard-sanitized-write', 'app://backtrail/')).toBe(true);
    expect(check(null, 'clipboard-sanitized-write', 'https://example.org/')).toBe(false);
  });

  it.each([
    ['https://example.org/', true],
    ['http://127.0.0.1:4747/', true],
    ['file:///etc/passwd', true],
    ['app://backtrail.example.org/', true],
    ['app://backtrail/assets/main.js', false],
    ['blob:app://backtrail/1', false],
  ])('asks for %s: cancelled is %s', (url, cancel) => {
    const answers: unknown[] = [];
    (double.handler('onBeforeRequest') as (...args: unknown[]) => void)({ url }, (answer: unknown) =>
      answers.push(answer),
    );
    expect(answers).toEqual([{ cancel }]);
  });
});

describe('the pages', () => {
  const get = (path: string, method = 'GET'): Response =>
    (double.handler('handle') as unknown as (request: Request) => Response)({ url: path, method } as Request);

  it('come with a content security policy, and the nonce that it names', async () => {
    const page = get('app://backtrail/');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe-eval');
    expect(/script-src ([^;]+)/.exec(policy)?.[1]).not.toContain('unsafe-inline');
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none';
    expect(await page.text()).toContain(`content="${nonce}"`);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('are those of their folder and nothing else', () => {
    expect(get('app://backtrail/assets/main-12345678.js').headers.get('content-type')).toContain(
      'text/javascript',
    );
    expect(get('app://backtrail/../../package.json').status).toBe(404);
    expect(get('app://backtrail/%2e%2e/recent.json').status).toBe(404);
    expect(get('app://other/').status).toBe(421);
    expect(get('app://backtrail/', 'POST').status).toBe(405);
    expect(get('app://backtrail/download/unknown').status).toBe(404);
  });
});

describe('the port to the core', () => {
  const ask = (url: string, inMainFrame: boolean): number => {
    const { webContents } = window();
    webContents.mainFrame.url = url;
    const before = webContents.sent.length;
    const frame = inMainFrame ? webContents.mainFrame : { url };
    double.ipcMain.emit('backtrail-connect', { sender: webContents, senderFrame: frame });
    webContents.mainFrame.url = 'app://backtrail/';
    return webContents.sent.length - before;
  };

  it('is given to the page of the window', () => {
    expect(ask('app://backtrail/', true)).toBe(1);
  });

  it('is given to no frame within it, and to no other page', () => {
    expect(ask('app://backtrail/', false)).toBe(0);
    expect(ask('https://example.org/', true)).toBe(0);
    expect(ask('app://backtrail.example.org/', true)).toBe(0);
  });
});

it('gives nothing to the browser or another program to open, and runs no script in the page', () => {
  const sources = readdirSync(join(repositoryRoot, 'electron')).filter((name) => name.endsWith('.ts'));
  expect(sources.length).toBeGreaterThan(10);
  for (const name of sources) {
    const text = readFileSync(join(repositoryRoot, 'electron', name), 'utf8');
    expect(text, name).not.toMatch(/openExternal|openPath|executeJavaScript/);
  }
});

describe('the package', () => {
  const settings = readFileSync(join(repositoryRoot, 'electron-builder.yml'), 'utf8');

  it.each([
    ['runAsNode', false],
    ['enableNodeOptionsEnvironmentVariable', false],
    ['enableNodeCliInspectArguments', false],
    ['grantFileProtocolExtraPrivileges', false],
    ['enableEmbeddedAsarIntegrityValidation', true],
    ['onlyLoadAppFromAsar', true],
    ['enableCookieEncryption', true],
  ])('has the fuse %s: %s', (fuse, value) => {
    expect(settings).toContain(`  ${fuse}: ${value}\n`);
  });
});
