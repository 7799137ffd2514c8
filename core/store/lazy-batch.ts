/**
 * A batch whose parts are decoded when they are first asked for: who reads two columns of a segment pays for two. Each
 * getter may throw DamagedColumn at that moment, which `visitSegment` of segment-reader.ts turns into a report.
 */
import {
  coreColumnNames,
  type ColumnArray,
  type CoreColumnName,
  type CoreColumns,
  type ExtraColumn,
} from '../model/flow-batch.ts';

/** Adds properties to an object that are made at their first reading and stay. They are enumerable: a copy makes all. */
export function defineLazily<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const target = {} as T;
  for (const name of Object.keys(makers) as (keyof T & string)[]) {
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = makers[name]();
        Object.defineProperty(target, name, { value, enumerable: true, writable: false });
        return value;
      },
    });
  }
  return target;
}

/** Core columns, each made by `decode` when it is first read. */
export function lazyColumns(decode: (name: CoreColumnName) => ColumnArray): CoreColumns {
  const makers: Partial<Record<CoreColumnName, () => ColumnArray>> = {};
  for (const name of coreColumnNames) makers[name] = () => decode(name);
  return defineLazily<CoreColumns>(makers as { [K in CoreColumnName]: () => CoreColumns[K] });
}

/** The further elements by name, each made by `decode` when it is first got. */
export class LazyExtras implements ReadonlyMap<string, ExtraColumn> {
  readonly #decode: (name: string) => ExtraColumn;
  readonly #made = new Map<string, ExtraColumn | undefined>();

  constructor(names: Iterable<string>, decode: (name: string) => ExtraColumn) {
    for (const name of names) this.#made.set(name, undefined);
    this.#decode = decode;
  }

  get size(): number {
    return this.#made.size;
  }

  has(name: string): boolean {
    return this.#made.has(name);
  }

  get(name: string): ExtraColumn | undefined {
    const made = this.#made.get(name);
    if (made || !this.#made.has(name)) return made;
    const column = this.#decode(name);
    this.#made.set(name, column);
    return column;
  }

  keys(): MapIterator<string> {
    return this.#made.keys();
  }

  values(): MapIterator<ExtraColumn> {
    return this.#all().values();
  }

  entries(): MapIterator<[string, ExtraColumn]> {
    return this.#all().entries();
  }

  [Symbol.iterator](): MapIterator<[string, ExtraColumn]> {
    return this.entries();
  }

  forEach(visit: (column: ExtraColumn, name: string, map: ReadonlyMap<string, ExtraColumn>) => void): void {
    for (const [name, column] of this.#all()) visit(column, name, this);
  }

  #all(): Map<string, ExtraColumn> {
    const all = new Map<string, ExtraColumn>();
    for (const name of this.#made.keys()) {
      const column = this.get(name);
      if (column) all.set(name, column);
    }
    return all;
  }
}
