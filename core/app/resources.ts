/** Files that ship with the program. */
import { readFileSync, readdirSync } from 'node:fs';
import { parseElementTable, type ElementRegistry } from '../model/element.ts';

const resources = new URL('../../resources/', import.meta.url);

/** Where a file or folder of resources/ is; a folder's path ends with a slash. */
export const resource = (path: string): URL => new URL(path, resources);

/** The text of a file of resources/. */
export const resourceText = (path: string): string => readFileSync(resource(path), 'utf8');

let elements: ElementRegistry | undefined;

/** The information elements of resources/elements, read once. */
export function loadElements(): ElementRegistry {
  if (!elements) {
    const names = readdirSync(resource('elements/'))
      .filter((name) => name.endsWith('.tsv'))
      .toSorted();
    const texts = names.map((name) => resourceText(`elements/${name}`));
    elements = parseElementTable(texts.join('\n'));
  }
  return elements;
}

/** The program's version, as package.json has it. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
