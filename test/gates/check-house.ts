/**
 * The habits of the house that no other tool checks: what lies at the top, how files are named, how long they are, no
 * default exports, nothing exported again from elsewhere, and no word that ties the code to one machine.
 */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { conclude, isSource, listFiles } from './source-files.ts';

/** A file past this length does two things. */
const MAX_LINES = 500;
/** Files beyond this size are data. */
const MAX_TEXT_BYTES = 1_000_000;

const topEntries = new Set([
  '.ci',
  '.editorconfig',
  '.gitattributes',
  '.gitignore',
  '.npmrc',
  '.oxlintrc.json',
  '.prettierignore',
  '.prettierrc.json',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'core',
  'electron',
  'electron-builder.yml',
  'knip.json',
  'package-lock.json',
  'package.json',
  'renderer',
  'resources',
  'test',
  'tsconfig.json',
  'vite.config.ts',
  'vite.desktop.config.ts',
  'vite.desktop.config.ts',
  'vitest.config.ts',
]);

/** Tools that take their configuration as a default export. */
const defaultExportAllowed = /^[a-z.-]+\.config\.ts$/;

const forbidden: readonly { readonly pattern: RegExp; readonly why: string; readonly except?: string }[] = [
  {
    pattern: /(^|[^\w./])\/work\/|\/tmp\/bash_jobs|\/home\/\w|\/Users\/\w/,
    why: "names a path of one developer's machine",
  },
  {
    pattern: /"resolve[d]":/,
    why: 'ties the lockfile to one registry (npm leaves the key out as .npmrc says)',
  },
  {
    pattern: /\.\.\/shared\b/,
    why: 'reference data outside the clone is found by test/support.ts alone',
    except: 'test/support.ts',
  },
];

export interface HouseReport {
  readonly files: number;
  readonly violations: readonly string[];
}

/** Checks every file below `root`. */
export function checkHouse(root: string): HouseReport {
  const files = listFiles(root);
  const strangers = new Set(
    files.map((file) => file.split('/')[0] ?? '').filter((top) => !topEntries.has(top)),
  );
  const violations = [...strangers].map((top) => `${top}: not one of the entries that belong at the top`);
  for (const file of files) {
    const fault = nameFault(file);
    if (fault) violations.push(`${file}: ${fault}`);
    violations.push(...textFaults(file, `${root}/${file}`));
  }
  return { files: files.length, violations };
}

/** Code is named in kebab-case, React components in PascalCase.tsx; fixtures keep the names that tools gave them. */
function nameFault(file: string): string | undefined {
  if (!/^(core|electron|renderer|test)\//.test(file) || file.startsWith('test/fixtures/')) return undefined;
  const parts = file.split('/');
  const name = parts.pop() ?? '';
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  const stem = name.replace(/(\.[a-z0-9]+)+$/, '');
  const named = kebab.test(stem) || name === 'README.md' || /^[A-Z][A-Za-z0-9]*(\.test)?\.tsx$/.test(name);
  if (!named || !parts.every((part) => kebab.test(part))) return 'the name is not kebab-case';
  return /^index\.[cm]?[jt]sx?$/.test(name) ? 'a file named index hides what it holds' : undefined;
}

function textFaults(file: string, path: string): string[] {
  if (file.startsWith('test/fixtures/') || file.startsWith('resources/')) return [];
  if (statSync(path).size > MAX_TEXT_BYTES) return [];
  const text = readFileSync(path, 'utf8');
  if (text.includes('\0')) return [];
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const { pattern, why, except } of forbidden) {
      if (file !== except && pattern.test(line)) faults.push(`${file}:${index + 1}: ${why}`);
    }
  }
  if (isSource(file)) faults.push(...sourceFaults(file, text));
  return faults;
}

function sourceFaults(file: string, text: string): string[] {
  const faults: string[] = [];
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES) faults.push(`${file}: ${lines} lines, more than ${MAX_LINES}: split it`);
  for (const statement of parseSync(file, text).program.body) {
    if (statement.type === 'ExportDefaultDeclaration' && !defaultExportAllowed.test(file)) {
      faults.push(`${file}: has a default export`);
    }
    const again =
      statement.type === 'ExportAllDeclaration' ||
      (statement.type === 'ExportNamedDeclaration' && statement.source !== null);
    if (again) faults.push(`${file}: exports again what another file defines`);
  }
  return faults;
}

if (import.meta.main) {
  const report = checkHouse(process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url)));
  conclude('house', report.files, report.violations);
}
