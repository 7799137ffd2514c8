import { describe, expect, it } from 'vitest';
import { plantTree } from '../build/planted-tree.ts';
import { repositoryRoot } from '../support.ts';
import { checkHouse } from './check-house.ts';

function violationsOf(path: string, text: string): readonly string[] {
  return checkHouse(plantTree({ [path]: text })).violations;
}

describe('the house gate', () => {
  it('finds the repository itself in order, and has read it', () => {
    const report = checkHouse(repositoryRoot);
    expect(report.violations).toEqual([]);
    expect(report.files).toBeGreaterThan(30);
  });

  it('takes a file of 500 lines and refuses one of 501', () => {
    expect(violationsOf('core/math/long.ts', 'let a;\n'.repeat(500))).toEqual([]);
    expect(violationsOf('core/math/long.ts', 'let a;\n'.repeat(501))).toEqual([
      'core/math/long.ts: 501 lines, more than 500: split it',
    ]);
  });

  it('refuses default exports, except where a tool asks for one', () => {
    expect(violationsOf('core/math/sum.ts', 'export default 1;')).toEqual([
      'core/math/sum.ts: has a default export',
    ]);
    expect(violationsOf('vitest.config.ts', 'export default {};')).toEqual([]);
  });

  it('refuses files that export what others define', () => {
    const again = 'core/math/all.ts: exports again what another file defines';
    expect(violationsOf('core/math/all.ts', `export * from './sum.ts';`)).toEqual([again]);
    expect(violationsOf('core/math/all.ts', `export { sum } from './sum.ts';`)).toEqual([again]);
  });

  it.each(['core/math/CamelCase.ts', 'core/math/snake_case.ts', 'core/Math/sum.ts', 'test/math/SumTest.ts'])(
    'refuses the name %s',
    (path) => {
      expect(violationsOf(path, '')).toEqual([`${path}: the name is not kebab-case`]);
    },
  );

  it('takes a component in PascalCase.tsx', () => {
    expect(violationsOf('renderer/path/HopCard.tsx', '')).toEqual([]);
  });

  it('refuses an unknown entry at the top', () => {
    expect(violationsOf('scratch.txt', '')).toEqual([
      'scratch.txt: not one of the entries that belong at the top',
    ]);
  });

  it("refuses paths of one developer's machine", () => {
    for (const path of ['work', 'home/someone', 'Users/someone', 'tmp/bash_jobs']) {
      expect(violationsOf('core/math/sum.ts', `\n// see /${path}/notes\n`)).toEqual([
        "core/math/sum.ts:2: names a path of one developer's machine",
      ]);
    }
  });

  it('refuses a lockfile that names a registry', () => {
    const lock = JSON.stringify({ resolved: 'https://registry.example/zod.tgz' });
    expect(violationsOf('package-lock.json', lock)).toHaveLength(1);
  });
});
