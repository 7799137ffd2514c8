/** Cases: what was collected, and the log of the steps that were taken. `case` is one's id; without it the open one. */
import { z } from 'zod';
import type { BundleReport, CaseInfo, CaseItem, CaseStep } from '../model/case.ts';
import { address, count, id, nothing, time } from './contract-common.ts';
import { selection } from './contract-query.ts';
import { traceProgress, traceQuestion } from './contract-trace.ts';
import { call } from './method.ts';
import { shape } from './shape.ts';

/** Octets of a screenshot: a message of the wire holds it with room to spare. */
export const MAX_PICTURE_BYTES = 3 << 20;
/** Steps of one page of the log. */
const MAX_STEPS = 1000;

const which = { case: id.optional() };
const note = z.string().max(10_000).default('');
const shortText = z.string().trim().max(200).default('');
const info = shape<CaseInfo>({ id: 'string', name: 'string', head: 'string' });
const item = shape<CaseItem>({ id: 'number', kind: 'string', title: 'string', sha256: 'string' });
const kept = z.object({ item });

/** What is done now, in a few words. */
const phase = z.object({ phase: z.string() });

const picture = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length > 0 && value.length <= MAX_PICTURE_BYTES,
);

export const caseMethods = {
  /** All cases of the store, and the id of the open one: its log is told of every step. */
  'case.list': call(nothing, z.object({ cases: z.array(info), open: id.nullable() })),
  /** Makes a case and opens it. */
  'case.create': call(
    z.strictObject({ name: z.string().trim().min(1).max(200), reference: shortText, examiner: shortText }),
    z.object({ case: info }),
  ),
  /** null: steps go into no log from now on. */
  'case.open': call(z.strictObject({ case: id.nullable() }), nothing),
  /** Closes a case, or takes a closed one up again; the log has both. */
  'case.setClosed': call(
    z.strictObject({ ...which, closed: z.boolean(), reason: z.string().trim().max(1000).default('') }),
    nothing,
  ),
  /** Of a trace no more than `TraceBrief` is told. */
  'case.show': call(z.strictObject(which), z.object({ case: info, items: z.array(item) })),
  /** Steps in their order; `whole` is false where the chain of hashes is broken. */
  'case.log': call(
    z.strictObject({ ...which, offset: count, limit: z.number().int().min(1).max(MAX_STEPS) }),
    z.object({
      steps: z.array(shape<CaseStep>({ sequence: 'number', action: 'string', hash: 'string' })),
      total: count,
      whole: z.boolean(),
    }),
  ),
  /** Runs the trace, or takes it from the last ones, and keeps question and answer. */
  'case.keepTrace': call(
    z.strictObject({ ...which, question: z.strictObject(traceQuestion), note }),
    kept,
    traceProgress,
  ),
  /** Keeps a selection: its flows go into the bundle. */
  'case.keepFlows': call(
    z.strictObject({
      ...which,
      filter: selection.filter,
      from: time.optional(),
      to: time.optional(),
      kind: selection.kind,
      note,
    }),
    kept,
  ),
  'case.keepHost': call(
    z.strictObject({ ...which, address, site: z.string().max(200).optional(), note }),
    kept,
  ),
  'case.addNote': call(z.strictObject({ ...which, text: z.string().trim().min(1).max(10_000) }), kept),
  /** A PNG file. */
  'case.addScreenshot': call(
    z.strictObject({ ...which, title: z.string().trim().min(1).max(200), png: picture, note }),
    kept,
  ),
  'case.screenshot': call(z.strictObject({ item: count }), z.object({ png: picture })),
  /** `source`: its number, as `workspace.sources` has it. */
  'case.keepSource': call(z.strictObject({ ...which, source: count, note }), kept),
  /** Takes an item out of the case; that it was there stays in the log. */
  'case.withdraw': call(
    z.strictObject({ ...which, item: count, reason: z.string().trim().min(1).max(1000) }),
    nothing,
  ),
  /** Makes the evidence bundle, and gives a link to it for one download that begins within a minute. */
  'case.export': call(
    z.strictObject(which),
    z.object({
      path: z.string(),
      fileName: z.string(),
      sha256: z.string(),
      bytes: count,
      files: count,
      notes: z.array(z.string()),
    }),
    phase,
  ),
  /** The report on a kept trace as it was kept, as a PDF. */
  'case.print': call(
    z.strictObject({ ...which, item: count, paper: z.enum(['a4', 'letter']) }),
    z.object({ fileName: z.string(), pdf: z.instanceof(Uint8Array<ArrayBufferLike>) }),
  ),
  /** Checks an evidence bundle that was sent as an upload (`import.announce`) of this one file; the upload is over then. */
  'case.verify': call(
    z.strictObject({
      upload: id,
      /** What was written down when the bundle was made. */
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/)
        .optional(),
      /** Whether its traces are run again on its own flows. */
      rerun: z.boolean(),
    }),
    shape<BundleReport>({ case: 'string', sha256: 'string', findings: 'array', traces: 'array' }),
    phase,
  ),
};
