import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantTree } from '../build/planted-tree.ts';
import { repositoryRoot } from '../support.ts';

/** The rules that the project's own lint settings find broken in a file of the core. */
function brokenRules(text: string, path = 'core/math/planted.ts'): string[] {
  const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, types: [] };
  const root = plantTree({
    [path]: text,
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({ compilerOptions }),
  });
  const oxlint = join(repositoryRoot, 'node_modules/oxlint/bin/oxlint');
  const config = join(repositoryRoot, '.oxlintrc.json');
  const run = spawnSync(
    process.execPath,
    [oxlint, '--type-aware', '--deny-warnings', '-c', config, '-f', 'json'],
    { cwd: root, encoding: 'utf8' },
  );
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string }[] };
  return [...new Set(diagnostics.map(({ code }) => code))].sort();
}

const later = 'declare function later(): Promise<number>;\n';

describe('the lint settings', () => {
  it('let plain code pass', () => {
    expect(brokenRules('export const sum = (a: number, b: number): number => a + b;\n')).toEqual([]);
  });

  it.each([
    ['a floating promise', `${later}later();\nexport {};`, 'typescript(no-floating-promises)'],
    [
      'a promise where none is awaited',
      `${later}export const a = [1].filter(() => later());`,
      'typescript(no-misused-promises)',
    ],
    ['a thrown text', `export function stop(): never {\n  throw 'stop';\n}`, 'typescript(only-throw-error)'],
    ['any', 'export const a = (b: any): number => Number(b);', 'typescript(no-explicit-any)'],
    ['console', 'export const say = (): void => console.log(1);', 'eslint(no-console)'],
    ['a default export', 'export default 1;', 'import(no-default-export)'],
    ['a barrel', `export * from './planted.ts';`, 'oxc(no-barrel-file)'],
    ['==', 'export const same = (a: number, b: number): boolean => a == b;', 'eslint(eqeqeq)'],
    ['let without need', 'let a = 1;\nexport const b = a;', 'eslint(prefer-const)'],
    ['what nobody uses', 'const a = 1;\nexport {};', 'eslint(no-unused-vars)'],
    [
      'a switch that forgets a case',
      `export function f(side: 'l' | 'r'): void {\n  switch (side) {\n    case 'l':\n  }\n}`,
      'typescript(switch-exhaustiveness-check)',
    ],
  ])('find %s', (_, text, rule) => {
    expect(brokenRules(`${text}\n`)).toContain(rule);
  });
});
