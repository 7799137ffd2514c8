/** Files that ship with the program. */
import { readFileSync, readdirSync } from 'node:fs';
import { parseElementTable, type ElementRegistry } from '../model/element.ts';

const elementsFolder = new URL('../../resources/elements/', import.meta.url);

let elements: ElementRegistry | undefined;

/** The information elements of resources/elements, read once. */
export function loadElements(): ElementRegistry {
  if (!elements) {
    const names = readdirSync(elementsFolder)
      .filter((name) => name.endsWith('.tsv'))
      .toSorted();
    const texts = names.map((name) => readFileSync(new URL(name, elementsFolder), 'utf8'));
    elements = parseElementTable(texts.join('\n'));
  }
  return elements;
}

/** The program's version, as package.json has it. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
