/** What the gates read: the project's own files, without what tools made or fetched. */
import { readdirSync } from 'node:fs';

const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Paths below `root`, with `/` between parts, sorted. Symbolic links are named, not followed. */
export function listFiles(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? listFiles(`${root}/${entry.name}`).map((path) => `${entry.name}/${path}`)
        : [entry.name],
    )
    .sort();
}

/** True for what Node, a bundler or the compiler would read as a module. */
export function isSource(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

/** Prints what a gate found and sets the exit code. A gate that read nothing has proved nothing: it is red. */
export function conclude(gate: string, read: number, violations: readonly string[]): void {
  for (const violation of violations) console.error(violation);
  if (read === 0) console.error(`${gate}: no file was read, so nothing is proved`);
  const green = read > 0 && violations.length === 0;
  console.log(`${gate}: ${read} files read, ${violations.length} violations`);
  process.exitCode = green ? 0 : 1;
}
