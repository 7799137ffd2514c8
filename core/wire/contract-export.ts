/** Whole results as files. */
import { z } from 'zod';
import { selection } from './contract-query.ts';
import { call } from './method.ts';

export const exportMethods = {
  /**
   * A link to the selected flows as a file, for one download that begins within a minute: on a server's own origin, for
   * the browser to fetch. Refused where the filter is.
   */
  'export.flows': call(
    z.strictObject({
      ...selection,
      format: z.enum(['csv', 'jsonl', 'parquet']),
      /** False: without the elements that have no column of their own. */
      elements: z.boolean().optional(),
    }),
    z.object({ path: z.string(), fileName: z.string() }),
  ),
};
