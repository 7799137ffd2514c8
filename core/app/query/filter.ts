/** The filter language, with the elements that this program knows by name. */
import { flowFilter, type FlowFilter } from '../../filter/compile.ts';
import { loadElements } from '../resources.ts';

/** The filter of a question; undefined where it takes everything. Throws FilterError (`bad-filter`). */
export function compileFilter(text: string | undefined): FlowFilter | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return flowFilter(text, loadElements().names);
}
