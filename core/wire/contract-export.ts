/** Whole results as files. */
import { z } from 'zod';
import { count, id } from './contract-common.ts';
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
    z.object({ path: z.string(), fileName: z.string(), export: id }),
  ),
  /** When that download has ended: what went into the file, and what to know of it; null where it was not taken whole. */
  'export.result': call(
    z.strictObject({ export: id }),
    z.object({
      summary: z
        .object({
          flows: count,
          bytes: count,
          damages: z.array(z.string()),
          notes: z.array(z.string()),
        })
        .nullable(),
    }),
  ),
};
