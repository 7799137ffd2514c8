import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot, temporaryFolder } from '../support.ts';

/** As the builder itself requires: its checker is a package of its own. */
const require = createRequire(
  createRequire(join(repositoryRoot, 'package.json')).resolve('electron-builder/package.json'),
);

/** Belongs to the builder's own packages. */
const checker = 'app-builder-lib/out/util/config/config.js';
const converter = 'app-builder-lib/out/util/iconConverter.js';

describe('the settings of the packages', () => {
  it('are what the builder takes', async () => {
    const { getConfig, validateConfiguration } = require(checker) as {
      getConfig: (folder: string, path: string, overrides: null) => Promise<Record<string, unknown>>;
      validateConfiguration: (config: unknown, logger: unknown) => Promise<void>;
    };
    const config = await getConfig(repositoryRoot, join(repositoryRoot, 'electron-builder.yml'), null);
    const logger = { isEnabled: false, add: () => undefined };
    await expect(validateConfiguration(config, logger)).resolves.toBeUndefined();
    await expect(validateConfiguration({ ...config, asarUnpak: true }, logger)).rejects.toThrow(/asarUnpak/);
  });

  it.each([
    ['linux', 'set', [16, 24, 32, 48, 64, 128, 256, 512, 1024]],
    ['win', 'ico', [256]],
    // The builder takes it as it is, and does not measure it.
    ['mac', 'icns', [0]],
  ] as const)('name an icon for %s, as the builder wants it', async (platform, format, sizes) => {
    const { convertIcon } = require(converter) as {
      convertIcon: (request: object) => Promise<{ icons: { file: string; size: number }[] }>;
    };
    const config = readFileSync(join(repositoryRoot, 'electron-builder.yml'), 'utf8');
    const section = config.slice(config.indexOf(`\n${platform}:\n`));
    const icon = /^ {2}icon: (\S+)$/m.exec(section)?.[1] ?? '';
    const { icons } = await convertIcon({
      sources: [icon],
      fallbackSources: [],
      roots: [repositoryRoot],
      format,
      // What is drawn already needs no place.
      outDir: join(temporaryFolder(), 'none'),
    });
    expect(icons.map(({ size }) => size)).toEqual(sizes);
    expect(icons.every(({ file }) => file.startsWith(join(repositoryRoot, 'resources/icons')))).toBe(true);
  });

  it('have icons that are what they say', () => {
    const read = (name: string): Buffer => readFileSync(join(repositoryRoot, 'resources/icons', name));
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) {
      const png = read(`${size}x${size}.png`);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    }
    const mac = read('icon.icns');
    expect([mac.toString('latin1', 0, 4), mac.readUInt32BE(4)]).toEqual(['icns', mac.length]);
    const windows = read('icon.ico');
    const last = 6 + 16 * (windows.readUInt16LE(4) - 1);
    expect(windows.readUInt32LE(last + 8) + windows.readUInt32LE(last + 12)).toBe(windows.length);
  });

  it('start the program where the bundles are', () => {
    const { main } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      main: string;
    };
    expect(main).toBe('dist/main/main.js');
  });
});
