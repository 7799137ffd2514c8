import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support.ts';

/** As the builder itself requires: its checker is a package of its own. */
const require = createRequire(
  createRequire(join(repositoryRoot, 'package.json')).resolve('electron-builder/package.json'),
);

/** Belongs to the builder's own packages. */
const checker = 'app-builder-lib/out/util/config/config.js';

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

  it('start the program where the bundles are', () => {
    const { main } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      main: string;
    };
    expect(main).toBe('dist/main/main.js');
  });
});
