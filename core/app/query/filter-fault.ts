/** A refused filter, shown where people read it: the line with a caret under what was not understood. */
import { FilterError } from '../../filter/filter-error.ts';
import { ApiError } from '../../model/api-error.ts';

/** Does the work; a fault in the filter is thrown again with the line of the text that it is in. */
export async function showingFilter<T>(filter: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FilterError) || filter === undefined) throw error;
    throw new ApiError(error.code, `${error.message}\n${pointAt(filter, error)}`, { cause: error });
  }
}

function pointAt(text: string, { position, length }: FilterError): string {
  const lineStart = text.lastIndexOf('\n', position - 1) + 1;
  const [line = ''] = text.slice(lineStart).split('\n', 1);
  const column = position - lineStart;
  const marks = Math.max(1, Math.min(length, line.length - column));
  return `  ${line}\n  ${' '.repeat(column)}${'^'.repeat(marks)}`;
}
