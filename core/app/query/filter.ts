/** The filter language, with the elements that this program knows by name. */
import type { FilterNode } from '../../filter/ast.ts';
import { flowFilter, type FlowFilter } from '../../filter/compile.ts';
import { fieldTable, type Source } from '../../filter/fields.ts';
import { parseFilter } from '../../filter/parse.ts';
import { loadElements } from '../resources.ts';

/** The filter of a question; undefined where it takes everything. Throws FilterError (`bad-filter`). */
export function compileFilter(text: string | undefined): FlowFilter | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return flowFilter(text, loadElements().names);
}

const keyColumns: ReadonlySet<string> = new Set([
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
]);

/** Whether the filter asks for addresses, ports and protocols alone, in which all observations of one flow agree. */
export function selectsByFlow(text: string | undefined): boolean {
  return text === undefined || text.trim() === '' || everyLeaf(text, asksOfFlow);
}

/** Whether which rows a filter selects goes by the sites of their exporters, which a person can change. */
export const selectsBySite = (text: string): boolean => !everyLeaf(text, (leaf) => !asksOfSite(leaf));

type Leaf = Extract<FilterNode, { readonly kind: 'every' | 'test' | 'element' }>;

/** Whether each of the questions that the filter puts together is of the kind. */
function everyLeaf(text: string, is: (leaf: Leaf) => boolean): boolean {
  const visit = (node: FilterNode): boolean => {
    if ('nodes' in node) return node.nodes.every(visit);
    return 'node' in node ? visit(node.node) : is(node);
  };
  return visit(parseFilter(text, loadElements().names));
}

const sourcesOf = (leaf: Leaf): readonly Source[] | undefined =>
  leaf.kind === 'test' ? fieldTable.get(leaf.field)?.sources : undefined;

const asksOfSite = (leaf: Leaf): boolean =>
  sourcesOf(leaf)?.some((one) => one.by === 'exporter' && one.what === 'site') ?? false;

const asksOfFlow = (leaf: Leaf): boolean =>
  leaf.kind === 'every' || (sourcesOf(leaf)?.every(isOfFlow) ?? false);

function isOfFlow(source: Source): boolean {
  switch (source.by) {
    case 'every':
    case 'address':
    case 'family4':
    case 'family6':
      return true;
    case 'column':
      return keyColumns.has(source.name);
    default:
      return false;
  }
}
