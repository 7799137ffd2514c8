/** Filter text to a tree, by the table of fields and the precedence of nfdump: not, then and, then or. */
import { coreColumnNames } from '../model/flow-batch.ts';
import type { Comparison, FilterNode, FilterValue } from './ast.ts';
import { Cursor } from './cursor.ts';
import { phraseTree, type Field, type PhraseTree } from './fields.ts';
import { flagBits } from './names.ts';
import { numberValue, readElementValue, readValue } from './values.ts';

/** Nested brackets and nots that one filter may have. */
const MAX_DEPTH = 200;

const comparisons: readonly (readonly [Comparison, readonly string[], string])[] = [
  ['=', ['=', '==', 'eq'], 'equal to'],
  ['!=', ['!=', 'ne'], 'other than'],
  ['>=', ['>=', 'ge'], 'at least'],
  ['<=', ['<=', 'le'], 'at most'],
  ['>', ['>', 'gt'], 'greater than'],
  ['<', ['<', 'lt'], 'less than'],
];

/** A lower-case letter first and a capital later, as every element of IPFIX is named; or an underscore first. */
const elementName = /^(?:_\w+|[a-z]\w*[A-Z]\w*)$/;

/**
 * Parses a filter; an empty one matches every flow. With `elements` a name that is not among them is refused; without,
 * any name in an element's form may be compared. Throws FilterError (`bad-filter`).
 */
export function parseFilter(text: string, elements?: ReadonlySet<string>): FilterNode {
  return new FilterParser(new Cursor(text), elements).parse();
}

export class FilterParser {
  readonly #cursor: Cursor;
  readonly #elements: ReadonlySet<string> | undefined;
  #depth = 0;

  constructor(cursor: Cursor, elements?: ReadonlySet<string>) {
    this.#cursor = cursor;
    this.#elements = elements;
  }

  parse(): FilterNode {
    const cursor = this.#cursor;
    if (cursor.peek().kind === 'end') {
      this.#expectTerm();
      return { kind: 'every', position: 0, length: 0 };
    }
    const node = this.#either('or');
    if (cursor.peek().kind !== 'end') cursor.fail();
    return node;
  }

  #either(kind: 'or' | 'and'): FilterNode {
    const cursor = this.#cursor;
    const read = (): FilterNode => (kind === 'or' ? this.#either('and') : this.#negation());
    const first = read();
    const nodes = [first];
    while (this.#joined(kind)) nodes.push(read());
    if (nodes.length === 1) return first;
    return { kind, nodes, position: first.position, length: cursor.endOfLast - first.position };
  }

  #joined(kind: 'or' | 'and'): boolean {
    const words = kind === 'or' ? ['or', '||'] : ['and', '&&'];
    const hint = kind === 'or' ? 'either may hold' : 'both must hold';
    return this.#cursor.accept('keyword', words, hint) !== undefined;
  }

  #negation(): FilterNode {
    const cursor = this.#cursor;
    const start = cursor.peek();
    if (this.#depth >= MAX_DEPTH) {
      cursor.refuse(`A filter may have ${MAX_DEPTH} brackets and nots within each other`, start);
    }
    this.#depth++;
    try {
      if (['not', '!'].includes(start.text.toLowerCase())) {
        cursor.advance('keyword');
        const node = this.#negation();
        return { kind: 'not', node, position: start.position, length: cursor.endOfLast - start.position };
      }
      if (start.text === '(') {
        cursor.advance('bracket');
        const node = this.#either('or');
        if (cursor.accept('bracket', [')'], 'closes the bracket') === undefined) cursor.fail();
        return { ...node, position: start.position, length: cursor.endOfLast - start.position };
      }
    } finally {
      this.#depth--;
    }
    return this.#term();
  }

  #expectTerm(): void {
    const cursor = this.#cursor;
    this.#expectWords(phraseTree, true);
    cursor.expect(
      { text: 'a field such as ip, net, port, proto or bytes', kind: 'description', hint: '' },
      { text: 'not', kind: 'keyword', hint: 'the opposite of what follows' },
      { text: '(', kind: 'bracket', hint: 'opens a bracket' },
      { text: 'the name of an element', kind: 'description', hint: '' },
    );
  }

  #expectWords(tree: PhraseTree, quiet = false): void {
    for (const [word, below] of tree.next) {
      if (onlyRefused(below)) continue;
      const joins = ['or', 'and', 'in'].includes(word) && tree !== phraseTree;
      this.#cursor.expect({ text: word, kind: 'field', hint: hintOf(below), quiet: quiet || joins });
    }
  }

  #term(): FilterNode {
    const cursor = this.#cursor;
    const start = cursor.peek();
    if (
      start.kind === 'word' &&
      !phraseTree.next.has(start.text.toLowerCase()) &&
      elementName.test(start.text)
    ) {
      return this.#element();
    }
    const field = this.#phrase();
    if (field.value.kind === 'refused') cursor.refuse(`The filter ${field.value.why}`, start);
    const place = (): { position: number; length: number } => ({
      position: start.position,
      length: cursor.endOfLast - start.position,
    });
    if (field.value.kind === 'none') {
      return { kind: 'test', field: field.phrase, comparison: '=', values: [], ...place() };
    }
    const ordered = field.value.kind === 'number' || field.value.kind === 'flags';
    const written = this.#comparison(ordered);
    const { value: grammar } = field;
    const values = this.#values(written, (alone) => readValue(cursor, grammar, alone));
    return {
      kind: 'test',
      field: field.phrase,
      comparison: written ?? '=',
      values: grammar.kind === 'flags' && written !== undefined ? values.map(exactFlags) : values,
      ...place(),
    };
  }

  #element(): FilterNode {
    const cursor = this.#cursor;
    const lexeme = cursor.peek();
    const { text: name, position } = lexeme;
    if (this.#elements && !this.#elements.has(name) && !name.startsWith('_') && !isCore(name)) {
      cursor.expect({ text: 'the name of an element', kind: 'description', hint: '' });
      cursor.fail([...this.#elements]);
    }
    cursor.advance('field');
    const written = this.#comparison(true);
    if (written === undefined) return cursor.fail();
    const values = this.#values(written, () => readElementValue(cursor));
    if (written !== 'in' && written !== '=' && written !== '!=' && values[0]?.kind === 'address') {
      cursor.refuse('An address can be compared with = and != and in only', lexeme);
    }
    return {
      kind: 'element',
      name,
      comparison: written,
      values,
      position,
      length: cursor.endOfLast - position,
    };
  }

  /** The field of the longest phrase that stands here. */
  #phrase(): Field {
    const cursor = this.#cursor;
    const start = cursor.index;
    this.#expectTerm();
    let tree = phraseTree;
    let found: { readonly field: Field; readonly end: number } | undefined;
    for (;;) {
      const { kind, text } = cursor.peek();
      const below = kind === 'word' ? tree.next.get(text.toLowerCase()) : undefined;
      if (!below) break;
      cursor.advance('field');
      tree = below;
      if (tree.field) found = { field: tree.field, end: cursor.index };
      this.#expectWords(tree);
    }
    if (!found) return cursor.fail();
    if (cursor.index > found.end) {
      cursor.rewind(found.end);
      // What could have gone on is still expected there.
      this.#expectWords(treeOf(cursor.lexemes.slice(start, found.end).map(({ text }) => text)));
    }
    return found.field;
  }

  /** The comparison that is written here; none means "equal to". */
  #comparison(ordered: boolean): Comparison | 'in' | undefined {
    const cursor = this.#cursor;
    for (const [comparison, texts, hint] of comparisons) {
      if (!ordered && comparison !== '=' && comparison !== '!=') continue;
      if (cursor.accept('operator', texts, hint) !== undefined) return comparison;
    }
    cursor.expect({ text: 'a comparison', kind: 'description', hint: '' });
    return cursor.accept('keyword', ['in'], 'one of a list in [ ]') === undefined ? undefined : 'in';
  }

  #values(comparison: string | undefined, read: (alone: boolean) => FilterValue): FilterValue[] {
    const cursor = this.#cursor;
    if (comparison !== 'in') return [read(true)];
    if (cursor.accept('bracket', ['['], 'opens the list') === undefined) cursor.fail();
    const values = [read(false)];
    while (cursor.accept('bracket', [']'], 'closes the list') === undefined) {
      cursor.accept('bracket', [','], 'one more');
      values.push(read(false));
    }
    return values;
  }
}

/** `flags = S` asks for exactly these flags, `flags S` for at least them. */
function exactFlags(value: FilterValue): FilterValue {
  if (value.kind !== 'text') return value;
  return numberValue(BigInt(flagBits(value.text)));
}

function treeOf(words: readonly string[]): PhraseTree {
  let tree = phraseTree;
  for (const word of words) tree = tree.next.get(word.toLowerCase()) ?? tree;
  return tree;
}

function hintOf(tree: PhraseTree): string {
  if (tree.field) return tree.field.hint;
  const words = [...tree.next].filter(([, below]) => !onlyRefused(below)).map(([word]) => word);
  return `then ${words.slice(0, 4).join(', ')}${words.length > 4 ? ' …' : ''}`;
}

function onlyRefused(tree: PhraseTree): boolean {
  if (tree.field && tree.field.value.kind !== 'refused') return false;
  return [...tree.next.values()].every(onlyRefused);
}

const coreNames: ReadonlySet<string> = new Set([
  ...coreColumnNames,
  ...['source', 'destination'].flatMap((end) => [`${end}IPv4Address`, `${end}IPv6Address`]),
]);

const isCore = (name: string): boolean => coreNames.has(name);
