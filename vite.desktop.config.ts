/**
 * The desktop program's own process (`--mode main`) and its preload script (`--mode preload`), into dist/main and
 * dist/preload. Packages stay packages. Every thread and child process is an entry beside the main one: the program finds
 * them by their place, `new URL('./NAME.ts', import.meta.url)`, which becomes the built file's name.
 */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { builtinModules } from 'node:module';
import { defineConfig, type Plugin } from 'vite';

const app = 'core/app';
const started = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /(?:-worker|collect-writer|sql-child)\.ts$/.test(path),
);
const external = ['electron', /^node:/, ...builtinModules, /^[^./]/];

const placed: Plugin = {
  name: 'backtrail-threads',
  transform(code, id) {
    if (!id.includes(`/${app}/`) || !code.includes('import.meta.url')) return null;
    const built = code.replaceAll(
      /new URL\(\s*(['"])\.\/([\w-]+)\.ts\1,\s*import\.meta\.url,?\s*\)/g,
      "new URL('./$2.js', import.meta.url)",
    );
    return { code: built, map: null };
  },
};

export default defineConfig(({ mode }) =>
  mode === 'preload'
    ? {
        publicDir: false,
        build: {
          outDir: 'dist/preload',
          target: 'es2024',
          lib: { entry: 'electron/preload.ts', formats: ['cjs'], fileName: () => 'preload.cjs' },
          rolldownOptions: { external },
        },
      }
    : {
        publicDir: false,
        plugins: [placed],
        build: {
          ssr: true,
          outDir: 'dist/main',
          target: 'node24',
          minify: false,
          rolldownOptions: {
            external,
            input: {
              main: 'electron/main.ts',
              desk: 'electron/desk.ts',
              requests: 'electron/requests.ts',
              ...Object.fromEntries(started.map((path) => [basename(path, '.ts'), `${app}/${path}`])),
            },
            output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
          },
        },
      },
);
