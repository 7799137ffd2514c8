import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantTree } from '../build/planted-tree.ts';
import { repositoryRoot } from '../support.ts';

/** What knip says, with the project's own settings, about a tree that starts at core/cli/start.js. */
function knip(files: Readonly<Record<string, string>>): { status: number | null; stdout: string } {
  const root = plantTree({
    'package.json': '{ "name": "planted", "type": "module", "bin": "core/cli/start.js" }',
    'tsconfig.json': '{}',
    'knip.json': readFileSync(join(repositoryRoot, 'knip.json'), 'utf8'),
    'core/cli/start.js': `import { used } from '../math/used.ts';\nused();\n`,
    'test/gates/check-nothing.ts': '',
    ...files,
  });
  const program = join(repositoryRoot, 'node_modules/knip/bin/knip.js');
  const run = spawnSync(process.execPath, [program, '--no-progress'], { cwd: root, encoding: 'utf8' });
  return { status: run.status, stdout: run.stdout };
}

const used = 'export const used = (): number => 1;\n';

describe('the check for unused exports', () => {
  it('lets a tree pass where all is used', () => {
    expect(knip({ 'core/math/used.ts': used })).toEqual({ status: 0, stdout: '' });
  });

  it('finds an export that nobody imports', () => {
    const { status, stdout } = knip({ 'core/math/used.ts': `${used}export const idle = 2;\n` });
    expect(stdout).toMatch(/Unused exports \(1\)\s+idle/);
    expect(status).toBe(1);
  });

  it('finds a file that nobody imports', () => {
    const { status, stdout } = knip({ 'core/math/used.ts': used, 'core/math/idle.ts': used });
    expect(stdout).toMatch(/Unused files \(1\)\s+core\/math\/idle\.ts/);
    expect(status).toBe(1);
  });
});
