/** Reports: the real PDF, and its tables. */
import { z } from 'zod';
import { monthSections } from '../model/report.ts';
import { id, nothing } from './contract-common.ts';
import { traceQuestion } from './contract-trace.ts';
import { call } from './method.ts';

const sectionIds = monthSections.map(({ id }) => id);

const paper = z.enum(['a4', 'letter']);

const made = z.object({
  title: z.string(),
  /** The answer that heads it. */
  answer: z.string(),
  fileName: z.string(),
  pages: z.number(),
  pdf: z.instanceof(Uint8Array<ArrayBufferLike>),
  /** A zip archive of CSV and JSON files. */
  tables: z.instanceof(Uint8Array<ArrayBufferLike>),
});

const progress = z.object({ phase: z.enum(['asking', 'drawing']), done: z.number(), of: z.number() });

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
      paper,
    }),
    made,
    progress,
  ),
  /** Runs a trace and makes the report on it. */
  'report.trace': call(z.strictObject({ ...traceQuestion, paper }), made, progress),
  /** Makes the report on a whole case. */
  'report.case': call(z.strictObject({ case: id, paper }), made, progress),
};
