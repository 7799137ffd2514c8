/** The store that is open, what is in it, and the work in progress. */
import { z } from 'zod';
import { address, count, exporterAccount, fault, id, nothing, text } from './contract-common.ts';
import { call, feed } from './method.ts';

/**
 * What a store holds, for the status bar. `revision` is another number when its flows, sources or sites have changed;
 * `settledRevision` is the latest of them that was more than flows which the running collection added.
 */
const storeStatus = z.object({
  folder: z.string(),
  flows: count,
  bytes: count,
  range: z.object({ startMs: z.number(), endMs: z.number() }).nullable(),
  sources: count,
  exporters: count,
  revision: count,
  settledRevision: count,
});

/** The running collector in short; `collect.status` says all of it. */
const collectorBrief = z.object({
  urls: z.array(z.string()),
  flowsPerSecond: z.number(),
  datagramsPerSecond: z.number(),
  flows: count,
  storedFlows: count,
  /** Units that the exporters' sequence numbers miss. */
  lost: count,
  /** Share of what was exported, 0 to 1. */
  lostShare: z.number(),
  exporters: count,
  /** The clock that is furthest from ours, signed; null where no exporter's is known. */
  worstClockOffsetMs: z.number().nullable(),
  problem: z.string().nullable(),
});

const fileOutcome = z.enum(['waiting', 'running', 'added', 'already', 'failed', 'stopped', 'left-out']);

/** What becomes of one file of an import. */
const jobFile = z.object({
  name: z.string(),
  bytes: count,
  /** Bytes of work done, up to `bytes`. */
  done: z.number(),
  outcome: fileOutcome,
  addedFlows: count,
  /** Flows of this file that are in the store, with those of an earlier import. */
  flows: count,
  kind: z.string().nullable(),
  /** True where an interrupted import was taken up again. */
  resumed: z.boolean(),
  /** Left out on purpose, counted by what it is. */
  skipped: z.record(z.string(), z.number()),
  /** Decode issues by their code. */
  issues: z.record(z.string(), z.number()),
  issueExamples: z.array(z.object({ code: z.string(), message: z.string(), offset: z.number() })),
  /** Offset where a file that breaks off does so. */
  brokeAt: z.number().nullable(),
  siteConflicts: z.array(z.object({ address: z.string(), site: z.string(), asked: z.string() })),
  error: fault.nullable(),
});

/** Long work. Its numbers are bytes where it is an import. */
const job = z.object({
  id,
  kind: z.enum(['import', 'trace', 'discover', 'export']),
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'cancelled', 'failed']),
  done: z.number(),
  total: z.number(),
  startedMs: z.number(),
  endedMs: z.number().nullable(),
  /** Flows added so far, where it is an import. */
  addedFlows: count,
  error: fault.nullable(),
});

const workspaceStatus = z.object({
  version: z.string(),
  store: storeStatus.nullable(),
  collector: collectorBrief.nullable(),
  /** Those that run, and the last few that ended. */
  jobs: z.array(job),
  /** What this host allows. */
  can: z.object({ importPaths: z.boolean(), openStore: z.boolean() }),
});

const sourceInfo = z.object({
  id: z.number(),
  name: z.string(),
  sha256: z.string(),
  bytes: count,
  kind: z.string().nullable(),
  state: z.enum(['importing', 'complete']),
  importedMs: z.number(),
  flows: count,
  options: count,
  issues: z.record(z.string(), z.number()),
  skipped: z.record(z.string(), z.number()),
  brokeAt: z.number().nullable(),
  /** A live collection, not a file. */
  live: z.boolean(),
});

/** An exporter of the catalogue, and its account where a collector heard it: the running one, or the last. */
const exporterInfo = z.object({
  address: z.string(),
  port: z.number().nullable(),
  observationDomainId: z.number(),
  site: z.string(),
  /** False where the site is the exporter's own address. */
  siteNamed: z.boolean(),
  account: z
    .object({
      live: z.boolean(),
      ...exporterAccount,
      firstReceivedMs: z.number(),
      lastReceivedMs: z.number(),
    })
    .nullable(),
});

const sampleQuestion = z.object({
  title: z.string(),
  victim: z.object({ address: z.string(), port: z.number().optional() }),
  from: z.object({ address: z.string(), port: z.number().optional() }),
  atMs: z.number(),
  site: z.string(),
});

export const workspaceMethods = {
  /** At once, then each second and whenever something of it changes. */
  'workspace.status': feed(nothing, workspaceStatus),
  /** Opens a store of the host's disk; refused where the host was given its store. */
  'workspace.openStore': call(z.strictObject({ folder: text, create: z.boolean() }), nothing),
  /** Imports the sample case into the store and gives its question. */
  'workspace.openSample': call(nothing, z.object({ job: id, question: sampleQuestion })),
  'workspace.sources': call(nothing, z.object({ sources: z.array(sourceInfo) })),
  'workspace.exporters': call(nothing, z.object({ exporters: z.array(exporterInfo) })),
  'workspace.sites': call(
    nothing,
    z.object({ sites: z.array(z.object({ name: z.string(), named: z.boolean() })) }),
  ),
  /** Names of information elements, which the grammar of filters alone cannot know. */
  'workspace.vocabulary': call(nothing, z.object({ elements: z.array(z.string()) })),
  /** Puts all exporters of an address into the site of that name. */
  'workspace.assignSite': call(z.strictObject({ address, site: z.string().trim().min(1).max(200) }), nothing),
  /** At once and while it changes; ends with the job. */
  'jobs.watch': feed(z.strictObject({ job: id }), z.object({ job, files: z.array(jobFile) })),
  'jobs.cancel': call(z.strictObject({ job: id }), nothing),
};

export type WorkspaceStatus = z.output<typeof workspaceStatus>;
export type StoreStatus = z.output<typeof storeStatus>;
export type CollectorBrief = z.output<typeof collectorBrief>;
export type Job = z.output<typeof job>;
export type JobFile = z.output<typeof jobFile>;
export type SourceInfo = z.output<typeof sourceInfo>;
export type ExporterInfo = z.output<typeof exporterInfo>;
export type SampleQuestion = z.output<typeof sampleQuestion>;
