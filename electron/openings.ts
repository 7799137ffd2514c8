/** What the program was asked to open: by its arguments, a file of the desktop, the dock, or a `backtrail://` link. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const LINK_SCHEME = 'backtrail';
const BUNDLE_ENDING = '.backtrail-case';
const MAX_LINK = 8192;

export type Opening =
  | { readonly kind: 'import'; readonly paths: readonly string[] }
  | { readonly kind: 'store'; readonly folder: string }
  | { readonly kind: 'bundle'; readonly path: string }
  | { readonly kind: 'view'; readonly query: string };

/** What the arguments behind the program's own ask for. Options of the program and of Electron are left out. */
export function openingsOf(args: readonly string[], folder: string): Opening[] {
  const openings: Opening[] = [];
  const files: string[] = [];
  for (const arg of args) {
    if (arg.startsWith(`${LINK_SCHEME}:`)) {
      const view = openingOfLink(arg);
      if (view) openings.push(view);
    } else if (!arg.startsWith('-')) {
      const opening = openingOfPath(resolve(folder, arg));
      if (opening?.kind === 'import') files.push(...opening.paths);
      else if (opening) openings.push(opening);
    }
  }
  return files.length > 0 ? [...openings, { kind: 'import', paths: files }] : openings;
}

/** Undefined where there is nothing of that name. */
export function openingOfPath(path: string): Opening | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isDirectory() && existsSync(join(path, 'catalog.sqlite'))) return { kind: 'store', folder: path };
  if (path.endsWith(BUNDLE_ENDING)) return { kind: 'bundle', path };
  return { kind: 'import', paths: [path] };
}

/** `backtrail://view?screen=explore&filter=...`: a view. It may ask the store what a screen asks, and changes no flow. */
export function openingOfLink(link: string): Opening | undefined {
  if (link.length > MAX_LINK || !URL.canParse(link)) return undefined;
  const { protocol, host, search } = new URL(link);
  if (protocol !== `${LINK_SCHEME}:` || host !== 'view') return undefined;
  return { kind: 'view', query: search.slice(1) };
}
