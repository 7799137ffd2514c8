/** What is wrong with a filter, before it is asked. */
import { FilterError } from '../../core/filter/filter-error.ts';
import { parseFilter } from '../../core/filter/parse.ts';

/** The mistake with its place, or undefined where the filter can be read. */
export function filterError(text: string): FilterError | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (cause) {
    if (cause instanceof FilterError) return cause;
    throw cause;
  }
}
