/**
 * The boundaries of the house: who may import whom. One table, checked over every import, export-from, dynamic import,
 * import type and require of every module. Run as a program it checks the repository, or the folder it is given.
 */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { conclude, isSource, listFiles } from './source-files.ts';

interface Allowance {
  /** Rooms it may import beside itself. */
  readonly rooms: readonly string[];
  /** Node's own modules: a list, or all of them. */
  readonly node: readonly string[] | 'all';
  readonly packages: readonly string[] | 'all';
}

const pureRooms = [
  'core/model',
  'core/math',
  'core/decode',
  'core/filter',
  'core/query',
  'core/trace',
  'core/geo',
  'core/wire',
];
const none = { node: [], packages: [] } as const;
const wholeCore = [
  ...pureRooms,
  'core/archive',
  'core/report',
  'core/store',
  'core/collect',
  'core/app',
  'core/server',
  'core/cli',
];

const table: Readonly<Record<string, Allowance>> = {
  'core/model': { rooms: [], node: [], packages: ['zod'] },
  'core/math': { rooms: [], ...none },
  'core/wire': { rooms: ['core/model'], node: [], packages: ['zod'] },
  'core/decode': { rooms: ['core/model', 'core/math'], ...none },
  'core/archive': { rooms: ['core/model', 'core/math', 'core/decode'], node: ['node:zlib'], packages: [] },
  'core/filter': { rooms: ['core/model', 'core/math'], ...none },
  'core/query': { rooms: ['core/model', 'core/math', 'core/filter'], ...none },
  'core/geo': { rooms: ['core/model', 'core/math'], node: [], packages: ['maxmind'] },
  'core/trace': { rooms: ['core/model', 'core/math'], ...none },
  'core/report': {
    rooms: ['core/model', 'core/math'],
    node: 'all',
    packages: ['@react-pdf/renderer', 'echarts', 'react'],
  },
  'core/store': { rooms: pureRooms, node: 'all', packages: ['better-sqlite3'] },
  'core/collect': { rooms: pureRooms, node: 'all', packages: [] },
  'core/app': {
    rooms: wholeCore.filter((room) => room !== 'core/server' && room !== 'core/cli'),
    node: 'all',
    packages: ['fflate', 'hyparquet-writer', 'zod'],
  },
  'core/server': { rooms: ['core/app', 'core/wire', 'core/model'], node: 'all', packages: ['ws'] },
  'core/cli': {
    rooms: ['core/app', 'core/server', 'core/wire', 'core/model'],
    node: 'all',
    packages: ['commander'],
  },
  renderer: {
    rooms: ['core/model', 'core/math', 'core/wire', 'core/filter'],
    node: [],
    packages: 'all',
  },
  electron: { rooms: ['core/app', 'core/server', 'core/wire'], node: 'all', packages: ['electron'] },
  'electron/preload': { rooms: [], node: [], packages: ['electron'] },
  test: { rooms: [...wholeCore, 'renderer', 'electron', 'electron/preload'], node: 'all', packages: 'all' },
  '.': { rooms: [], node: 'all', packages: 'all' },
};

export interface ImportReport {
  readonly files: number;
  readonly imports: number;
  /** One line each: file, line, and the rule that is broken. */
  readonly violations: readonly string[];
}

/** Checks every module below `root` against the table. */
export function checkImports(root: string): ImportReport {
  const violations: string[] = [];
  const files = listFiles(root).filter(isSource);
  let imports = 0;
  for (const file of files) {
    const from = roomOf(file);
    const allowance = from === undefined ? undefined : table[from];
    if (from === undefined || !allowance) {
      violations.push(`${file}: lies in no room of the table in test/gates/check-imports.ts`);
      continue;
    }
    const text = readFileSync(`${root}/${file}`, 'utf8');
    for (const { specifier, offset } of readImports(file, text)) {
      imports++;
      const fault = judge(file, from, allowance, specifier);
      if (fault) violations.push(`${file}:${text.slice(0, offset).split('\n').length}: ${fault}`);
    }
  }
  return { files: files.length, imports, violations };
}

/** The room a file lies in: `core/NAME`, a top folder, `.` for a tool's configuration at the top. */
function roomOf(file: string): string | undefined {
  const parts = file.split('/');
  if (parts.length === 1) return /\.config\.[cm]?[jt]s$/.test(file) ? '.' : undefined;
  if (/^electron\/preload[./]/.test(file)) return 'electron/preload';
  const room = parts[0] === 'core' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
  return room in table ? room : undefined;
}

interface FoundImport {
  /** undefined where the module is computed at run time. */
  readonly specifier: string | undefined;
  readonly offset: number;
}

function readImports(file: string, text: string): FoundImport[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const found: FoundImport[] = [];
  const note = (source: { type: string; start: number; value?: unknown } | null): void => {
    if (!source) return;
    const specifier = typeof source.value === 'string' ? source.value : undefined;
    found.push({ specifier, offset: source.start });
  };
  new Visitor({
    ImportDeclaration: (node) => note(node.source),
    ExportNamedDeclaration: (node) => note(node.source),
    ExportAllDeclaration: (node) => note(node.source),
    ImportExpression: (node) => note(node.source),
    TSImportType: (node) => note(node.source),
    TSExternalModuleReference: (node) => note(node.expression),
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require')
        note(node.arguments[0] ?? null);
    },
  }).visit(program);
  return found;
}

/** The rule that this import breaks, or undefined. */
function judge(
  file: string,
  from: string,
  allowance: Allowance,
  specifier: string | undefined,
): string | undefined {
  if (specifier === undefined) {
    return from === 'test' ? undefined : 'imports a module whose name is computed: the gate cannot follow it';
  }
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    const to = roomOf(target);
    if (to === undefined) return `imports ${specifier}, which lies in no room`;
    return to === from || allowance.rooms.includes(to)
      ? undefined
      : `${from} may not import ${to} (${specifier})`;
  }
  if (specifier.startsWith('node:')) {
    const allowed = allowance.node === 'all' || allowance.node.includes(specifier);
    return allowed ? undefined : `${from} may not import ${specifier}`;
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = allowance.packages === 'all' || allowance.packages.includes(name);
  return allowed ? undefined : `${from} may not import the package ${name}`;
}

if (import.meta.main) {
  const report = checkImports(process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url)));
  conclude('imports', report.imports === 0 ? 0 : report.files, report.violations);
}
