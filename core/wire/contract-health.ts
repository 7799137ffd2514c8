/** How far the evidence can be trusted: exporters as witnesses, and what the store takes. */
import { z } from 'zod';
import { count, nothing, time } from './contract-common.ts';
import { call } from './method.ts';

/** What the stored flows of a time tell of the exporter that sent them. */
const exporterHealth = z.object({
  address: z.string(),
  port: z.number().nullable(),
  observationDomainId: z.number(),
  site: z.string(),
  flows: count,
  /** Datagrams whose headers are stored; 0 where the archive keeps none, and loss cannot be told. */
  datagrams: count,
  /** What the sequence numbers miss: flows for v5, records for IPFIX, datagrams for v9 and sFlow. */
  lostUnits: z.number(),
  /** When something was lost: flat pairs [from, to], epoch ms, ascending; the first of them where there are many. */
  lossWindows: z.array(z.number()),
  /** One packet in this many was counted. */
  samplingInterval: z.number(),
  /** How far its clock ran ahead of the others; null where nothing ties it to any. */
  clockOffsetMs: z.number().nullable(),
  clockDriftPpm: z.number().nullable(),
  timingErrorMs: z.number(),
});

const dayStorage = z.object({
  day: z.string(),
  flows: count,
  bytes: count,
  segments: count,
  /** Flows of the smallest, the middle and the largest segment; null where there is none. */
  segmentFlows: z.tuple([z.number(), z.number(), z.number()]).nullable(),
});

export const healthMethods = {
  /** Exporters by the flows that are stored of a time; the whole store where none is said. */
  'health.exporters': call(
    z.strictObject({ from: time.optional(), to: time.optional() }),
    z.object({
      exporters: z.array(exporterHealth),
      /** What the store could not give, a sentence each. */
      damages: z.array(z.string()),
      /** What bounds the answer, a sentence each. */
      notes: z.array(z.string()),
    }),
  ),
  'health.storage': call(
    nothing,
    z.object({
      days: z.array(dayStorage),
      /** The largest first; bytes as they are stored, and before compression. */
      columns: z.array(z.object({ name: z.string(), stored: z.number(), plain: z.number() })),
    }),
  ),
};

export type ExporterHealth = z.output<typeof exporterHealth>;
