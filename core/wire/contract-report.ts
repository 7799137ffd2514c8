/** Reports: the real PDF, and its tables. */
import { z } from 'zod';
import { monthSections } from '../model/report.ts';
import { nothing } from './contract-common.ts';
import { call } from './method.ts';

const sectionIds = monthSections.map(({ id }) => id);

export const reportMethods = {
  /** Months that have flows, the latest first, and the sites that a report can be narrowed to. */
  'report.months': call(nothing, z.object({ months: z.array(z.string()), sites: z.array(z.string()) })),
  /** Makes the report on a month; leaving the call ends the work. */
  'report.month': call(
    z.strictObject({
      month: z.string().max(7),
      site: z.string().max(200).optional(),
      /** Those that are in it; absent: all. */
      sections: z.array(z.enum(sectionIds)).max(sectionIds.length).optional(),
      paper: z.enum(['a4', 'letter']),
    }),
    z.object({
      title: z.string(),
      /** The answer that heads it. */
      answer: z.string(),
      fileName: z.string(),
      pages: z.number(),
      pdf: z.instanceof(Uint8Array<ArrayBufferLike>),
      /** A zip archive of CSV and JSON files. */
      tables: z.instanceof(Uint8Array<ArrayBufferLike>),
    }),
    z.object({ phase: z.enum(['asking', 'drawing']), done: z.number(), of: z.number() }),
  ),
};
