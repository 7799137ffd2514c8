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
  if (text === undefined || text.trim() === '') return true;
  return asksOfFlow(parseFilter(text, loadElements().names));
}

/** Whether which rows a filter selects goes by the sites of their exporters, which a person can change. */
export function selectsBySite(text: string): boolean {
  return asksOfSite(parseFilter(text, loadElements().names));
}

function asksOfSite(node: FilterNode): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.nodes.some(asksOfSite);
    case 'not':
      return asksOfSite(node.node);
    case 'test':
      return (
        fieldTable.get(node.field)?.sources.some((one) => one.by === 'exporter' && one.what === 'site') ??
        false
      );
    default:
      return false;
  }
}

function asksOfFlow(node: FilterNode): boolean {
  switch (node.kind) {
    case 'every':
      return true;
    case 'and':
    case 'or':
      return node.nodes.every(asksOfFlow);
    case 'not':
      return asksOfFlow(node.node);
    case 'element':
      return false;
    case 'test':
      return (fieldTable.get(node.field)?.sources ?? [undefined]).every(isOfFlow);
  }
}

function isOfFlow(source: Source | undefined): boolean {
  switch (source?.by) {
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
