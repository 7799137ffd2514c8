/** Parts that several groups of the contract share. */
import { z } from 'zod';
import { epochMs } from '../model/time.ts';

export const nothing = z.strictObject({});

/** Epoch ms. */
export const time = z.number().transform((value) => epochMs(value));

export const text = z.string().max(4096);

/** An id that the core gave out. */
export const id = z.string().min(1).max(256);

export const address = z.string().min(1).max(128);

export const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The message of a closed error code, where a fault is a value and not the end of a call. */
export const fault = z.object({ code: z.string(), message: z.string() });

/** What is counted of an exporter, live or as it was stored. */
export const exporterAccount = {
  version: z.number(),
  datagrams: count,
  bytes: count,
  flows: count,
  lost: count,
  reordered: count,
  duplicates: count,
  restarts: count,
  templateWaits: count,
  issues: count,
  sampling: z.number().nullable(),
  clockOffsetMs: z.number().nullable(),
  clockDriftPpm: z.number().nullable(),
};
