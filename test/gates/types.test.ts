import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot, temporaryFolder } from '../support.ts';

const rooms = [
  'model',
  'math',
  'decode',
  'archive',
  'filter',
  'query',
  'wire',
  'geo',
  'report',
  'store',
  'trace',
  'collect',
  'app',
  'server',
  'cli',
];
const pure = ['model', 'math', 'decode', 'filter', 'query', 'wire', 'geo', 'trace'];

/** The project's own compiler settings over rooms that hold one planted line each. */
function compile(line: string): string {
  const root = temporaryFolder();
  for (const file of ['tsconfig.json', 'package.json']) cpSync(join(repositoryRoot, file), join(root, file));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(repositoryRoot, 'node_modules/@types'), join(root, 'node_modules/@types'));
  symlinkSync(join(repositoryRoot, 'node_modules/undici-types'), join(root, 'node_modules/undici-types'));
  for (const room of rooms) {
    mkdirSync(join(root, 'core', room), { recursive: true });
    cpSync(join(repositoryRoot, 'core', room, 'tsconfig.json'), join(root, 'core', room, 'tsconfig.json'));
    writeFileSync(join(root, 'core', room, 'planted.ts'), `${line}\n`);
  }
  const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-b', ...rooms.map((room) => `core/${room}`)], {
    cwd: root,
    encoding: 'utf8',
  });
  return run.stdout;
}

/** The rooms whose planted file the compiler refused, each with the error's number. */
function refused(output: string): string[] {
  return [...output.matchAll(/core\/(\w+)\/planted\.ts\(\d+,\d+\): error (TS\d+)/g)]
    .map(([, room, error]) => `${room} ${error}`)
    .sort();
}

const each = (names: readonly string[], error: string): string[] =>
  names.map((room) => `${room} ${error}`).sort();

describe('the project references', () => {
  it('name every room that has a compiler configuration', () => {
    const { references } = JSON.parse(readFileSync(join(repositoryRoot, 'tsconfig.json'), 'utf8')) as {
      references: { path: string }[];
    };
    expect(references.map(({ path }) => path)).toEqual([
      ...rooms.map((room) => `core/${room}`),
      'electron',
      'renderer',
      'test',
    ]);
  });

  it('let plain code pass', () => {
    expect(compile('export const one = 1;')).toBe('');
  });

  it('know no Node in the pure rooms', () => {
    // The archive room takes node:zlib, so the compiler lets it see Node; the boundary gate holds it to that module.
    expect(refused(compile('export const home: unknown = process.env["HOME"];'))).toEqual(
      each(pure, 'TS2591'),
    );
  });

  it('know no browser in any room', () => {
    expect(refused(compile('export const title: unknown = document.title;'))).toEqual(each(rooms, 'TS2584'));
  });

  it('refuse syntax that Node cannot strip', () => {
    expect(refused(compile('export enum Side { left, right }'))).toEqual(each(rooms, 'TS1294'));
  });
});
