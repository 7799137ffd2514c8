import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plantTree } from '../build/planted-tree.ts';
import { repositoryRoot } from '../support.ts';
import { checkImports } from './check-imports.ts';

const gate = fileURLToPath(new URL('check-imports.ts', import.meta.url));

function violationsOf(path: string, text: string): readonly string[] {
  return checkImports(plantTree({ [path]: text })).violations;
}

describe('the boundary gate', () => {
  it('finds the repository itself in order, and has read it', () => {
    const report = checkImports(repositoryRoot);
    expect(report.violations).toEqual([]);
    expect(report.files).toBeGreaterThan(20);
    expect(report.imports).toBeGreaterThan(40);
  });

  it.each([
    ['an import statement', `import { store } from '../store/store.ts';`],
    ['an import for side effects', `import '../store/store.ts';`],
    ['an import of types', `import type { Store } from '../store/store.ts';`],
    ['an export from', `export { store } from '../store/store.ts';`],
    ['an export of everything', `export * from '../store/store.ts';`],
    ['a dynamic import', `export const store = async () => (await import('../store/store.ts')).store;`],
    ['an import type in an annotation', `export type Store = import('../store/store.ts').Store;`],
    ['an import assignment', `import store = require('../store/store.ts');\nexport { store };`],
    ['a require', `export const store = require('../store/store.ts');`],
  ])('sees %s that leaves the room', (_, statement) => {
    expect(violationsOf('core/trace/planted.ts', `\n${statement}\n`)).toEqual([
      'core/trace/planted.ts:2: core/trace may not import core/store (../store/store.ts)',
    ]);
  });

  it.each([
    ['core/model', '../math/sum.ts', 'core/math'],
    ['core/math', '../model/time.ts', 'core/model'],
    ['core/decode', '../archive/pcap.ts', 'core/archive'],
    ['core/archive', '../store/store.ts', 'core/store'],
    ['core/filter', '../decode/v5.ts', 'core/decode'],
    ['core/trace', '../decode/v5.ts', 'core/decode'],
    ['core/geo', '../trace/path.ts', 'core/trace'],
    ['core/wire', '../decode/v5.ts', 'core/decode'],
    ['core/report', '../store/store.ts', 'core/store'],
    ['core/store', '../archive/pcap.ts', 'core/archive'],
    ['core/collect', '../store/store.ts', 'core/store'],
    ['core/app', '../cli/main.ts', 'core/cli'],
    ['core/server', '../store/store.ts', 'core/store'],
    ['core/cli', '../store/store.ts', 'core/store'],
    ['renderer', '../core/store/store.ts', 'core/store'],
    ['electron', '../core/store/store.ts', 'core/store'],
    ['electron/preload', '../main.ts', 'electron'],
  ])('keeps %s from importing %s', (room, specifier, target) => {
    expect(violationsOf(`${room}/planted.ts`, `import '${specifier}';`)).toEqual([
      `${room}/planted.ts:1: ${room} may not import ${target} (${specifier})`,
    ]);
  });

  it.each(['model', 'math', 'decode', 'filter', 'trace', 'geo', 'wire'])(
    'keeps Node and packages out of the pure room %s',
    (room) => {
      const text = `import { readFileSync } from 'node:fs';\nimport { gunzip } from 'fflate/browser';\n`;
      expect(violationsOf(`core/${room}/planted.ts`, text)).toEqual([
        `core/${room}/planted.ts:1: core/${room} may not import node:fs`,
        `core/${room}/planted.ts:2: core/${room} may not import the package fflate`,
      ]);
    },
  );

  it('lets the archive room use zlib and nothing else of Node', () => {
    const text = `import 'node:zlib';\nimport 'node:fs';\n`;
    expect(violationsOf('core/archive/planted.ts', text)).toEqual([
      'core/archive/planted.ts:2: core/archive may not import node:fs',
    ]);
  });

  it('asks for a place in the table for every room', () => {
    expect(violationsOf('core/attic/planted.ts', '')).toEqual([
      'core/attic/planted.ts: lies in no room of the table in test/gates/check-imports.ts',
    ]);
  });

  it('refuses a module whose name is computed', () => {
    expect(violationsOf('core/store/planted.ts', 'await import(name);')).toEqual([
      'core/store/planted.ts:1: imports a module whose name is computed: the gate cannot follow it',
    ]);
  });

  it('is red where it reads nothing', () => {
    const run = spawnSync(process.execPath, [gate, plantTree({})], { encoding: 'utf8' });
    expect(run.stderr).toContain('no file was read');
    expect(run.status).toBe(1);
  });

  it('is red as a program where a violation is planted, and green without', () => {
    const run = (text: string): number | null =>
      spawnSync(process.execPath, [gate, plantTree({ 'core/math/planted.ts': text })]).status;
    expect(run(`import '../model/time.ts';`)).toBe(1);
    expect(run(`import './sum.ts';`)).toBe(0);
  });
});
