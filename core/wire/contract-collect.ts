/** Live collection. */
import { z } from 'zod';
import { address, count, exporterAccount, nothing, text } from './contract-common.ts';
import { call, feed } from './method.ts';

const exporterStatus = z.object({
  address: z.string(),
  port: z.number().nullable(),
  observationDomainId: z.number(),
  ...exporterAccount,
  options: count,
  firstReceived: z.number(),
  lastReceived: z.number(),
});

/** The account of the running collector, once a second. */
const collectorStatus = z.object({
  time: z.number(),
  flowsPerSecond: z.number(),
  datagramsPerSecond: z.number(),
  storedFlows: count,
  storeBytes: count,
  problem: z.string().nullable(),
  listeners: z.array(
    z.object({
      url: z.string(),
      datagrams: count,
      receiveBuffer: z.number().nullable(),
      kernelDrops: z.number().nullable(),
      connections: z.number().nullable(),
    }),
  ),
  datagrams: count,
  bytes: count,
  flows: count,
  options: count,
  issues: z.record(z.string(), z.number()),
  refused: count,
  refusedBy: z.array(z.object({ address: z.string(), datagrams: count })),
  refusedExporters: count,
  overrun: count,
  exporterCount: count,
  exportersEvicted: count,
  exporters: z.array(exporterStatus),
});

/** One flow as it comes in. Counters are raw. */
const liveFlow = z.object({
  receivedMs: z.number(),
  startMs: z.number().nullable(),
  endMs: z.number().nullable(),
  protocol: z.number(),
  source: z.string(),
  sourcePort: z.number(),
  destination: z.string(),
  destinationPort: z.number(),
  packets: z.number(),
  bytes: z.number(),
  exporter: z.string(),
});

/** What came in since the item before: some of the flows, and the sums over all of them. */
const liveFlows = z.object({
  rows: z.array(liveFlow),
  /** Over all that came, also those that are not in `rows`. */
  flows: count,
  packets: z.number(),
  bytes: z.number(),
  leftOut: count,
});

const collecting = z.object({
  urls: z.array(z.string()),
  warnings: z.array(z.string()),
  reloadedTemplates: count,
});

/** Certificates of a whole chain, or a key. */
const pem = z.string().max(65_536);

export const collectMethods = {
  /** Starts the collector on `udp://HOST:PORT`, `tcp://` and `tls://` addresses, the last with a certificate and its key. */
  'collect.start': call(
    z.strictObject({
      listen: z.array(text).min(1).max(32),
      allow: z.array(address).max(10_000).optional(),
      /** PEM. */
      tls: z.strictObject({ cert: pem, key: pem }).optional(),
    }),
    collecting,
  ),
  /** Takes what has arrived, stores it and ends. */
  'collect.stop': call(nothing, collectorStatus),
  /** At once and each second; null while nothing is collected. */
  'collect.status': feed(nothing, collectorStatus.nullable()),
  /** The latest faults with their bytes. */
  'collect.issues': call(
    nothing,
    z.object({
      issues: z.array(
        z.object({
          code: z.string(),
          message: z.string(),
          address: z.string(),
          port: z.number(),
          received: z.number(),
          octets: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
        }),
      ),
    }),
  ),
  /** The flows as they come in, at most `maxRows` of each item and some 60 items a second. */
  'collect.flows': feed(
    z.strictObject({ maxRows: z.number().int().min(1).max(1000).default(64) }),
    liveFlows,
  ),
  /** The devices that there are lines for. */
  'collect.devices': call(nothing, z.object({ devices: z.array(z.string()) })),
  /** The lines to paste into a device so that it exports to HOST:PORT. */
  'collect.exporterConfig': call(
    z.strictObject({ device: z.string().max(64), target: z.string().max(300) }),
    z.object({ text: z.string() }),
  ),
};

export type CollectorStatus = z.output<typeof collectorStatus>;
export type ExporterAccount = z.output<typeof exporterStatus>;
export type LiveFlow = z.output<typeof liveFlow>;
export type LiveFlows = z.output<typeof liveFlows>;
