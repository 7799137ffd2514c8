/**
 * What an evidence bundle holds. It is a zip file of these, in any order, and nothing else:
 *
 * | path                     | is                                                                                |
 * |--------------------------|-----------------------------------------------------------------------------------|
 * | manifest.json            | the files with their sizes and hashes, and which flows belong to which item        |
 * | case.json                | the items of the case                                                             |
 * | log.jsonl                | the steps of its log (core/model/case.ts), one a line                              |
 * | sources.json             | every source of the store, with its hash and the decoder that read it              |
 * | traces/ITEM.json         | a trace: its question and its result, as they were kept                            |
 * | flows/ITEM.csv           | the flows that the item rests on                                                  |
 * | flows/ITEM-N.nfcapd      | the same flows, one file a site: `manifest.json` says which one                    |
 * | screenshots/ITEM.png     | a screenshot                                                                      |
 * | reports/ITEM.pdf         | the report of a trace                                                             |
 *
 * The comment of the zip file is `sha256:` and the hash of all bytes before it.
 */
import { z } from 'zod';
import { caseItemKinds } from './case.ts';

export const SEAL = 'sha256:';
export const SEAL_LENGTH = SEAL.length + 64;

/** Octets of the parts that are read into memory. */
export const MAX_DOCUMENT_BYTES = 64 << 20;
export const MAX_BUNDLE_FILES = 20_000;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A path within a bundle: it stays below the bundle, and means the same on every system. */
export const isBundlePath = (path: string): boolean =>
  /^(?:[a-z]+\/)?[a-z0-9][a-z0-9-]*\.[a-z]+$/.test(path) && path.length <= 200;

const bundlePath = z.string().refine(isBundlePath);

export const bundleManifest = z.strictObject({
  format: z.literal('backtrail-case'),
  version: z.literal(1),
  program: z.string().max(200),
  exportedMs: z.number(),
  case: z.strictObject({
    id: z.string().max(200),
    name: z.string().max(200),
    reference: z.string().max(200).default(''),
    examiner: z.string().max(200).default(''),
    openedMs: z.number(),
  }),
  /** Of the log: how many steps, and the hash of the last. */
  steps: whole,
  head: hash,
  files: z.array(z.strictObject({ path: bundlePath, bytes: whole, sha256: hash })).max(MAX_BUNDLE_FILES),
  flows: z
    .array(
      z.strictObject({
        item: whole,
        /** False where these are the flows of the machines concerned alone, since there were too many others. */
        everything: z.boolean(),
        flows: whole,
        csv: bundlePath,
        sites: z
          .array(z.strictObject({ site: z.string().max(1000), path: bundlePath, flows: whole }))
          .max(MAX_BUNDLE_FILES),
        notes: z.array(z.string()),
      }),
    )
    .max(MAX_BUNDLE_FILES),
});

export type BundleManifest = z.output<typeof bundleManifest>;
export type BundledFlows = BundleManifest['flows'][number];

export const bundledItems = z
  .array(
    z.strictObject({
      id: whole,
      kind: z.enum(caseItemKinds),
      title: z.string(),
      note: z.string(),
      addedMs: z.number(),
      sha256: hash,
      /** null where it is in a file of its own. */
      content: z.json(),
    }),
  )
  .max(MAX_BUNDLE_FILES);

export type BundledItem = z.output<typeof bundledItems>[number];

const party = z.strictObject({
  address: z.string().max(128),
  port: z.number().int().min(0).max(65_535).optional(),
});

/** What of a kept trace is needed to run it again and to compare; the rest of it is as it is. */
export const bundledTrace = z.object({
  question: z.object({
    victim: party,
    at: z.number(),
    from: party.optional(),
    site: z.string().optional(),
    within: z
      .number()
      .positive()
      .max(31 * 86_400_000),
  }),
  result: z.object({
    paths: z.array(
      z.object({
        hops: z
          .array(
            z.object({
              kind: z.string(),
              from: z.string(),
              to: z.string(),
              connections: z.array(
                z.object({
                  source: z.string(),
                  sourcePort: z.number(),
                  destination: z.string(),
                  destinationPort: z.number(),
                }),
              ),
            }),
          )
          .max(1000),
      }),
    ),
  }),
});

export type BundledTrace = z.output<typeof bundledTrace>;
