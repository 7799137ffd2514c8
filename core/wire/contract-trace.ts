/** The traceback. */
import { z } from 'zod';
import type { TraceExplanation } from '../model/trace-explanation.ts';
import type { ConnectionView, TraceResult } from '../model/trace-result.ts';
import { address, time } from './contract-common.ts';
import { call } from './method.ts';
import { shape } from './shape.ts';

const port = z.number().int().min(0).max(65_535);
const party = z.strictObject({ address, port: port.optional() });

const question = {
  victim: party,
  /** A moment at which the connection was open. */
  at: time,
  from: party.optional(),
  site: z.string().max(200).optional(),
  /** How far around `at` flows are read; half a day where it is not said. */
  withinMs: z
    .number()
    .positive()
    .max(31 * 86_400_000)
    .optional(),
};

const connectionName = z.strictObject({
  source: address,
  sourcePort: port,
  destination: address,
  destinationPort: port,
});

export const traceMethods = {
  'trace.run': call(
    z.strictObject(question),
    shape<TraceResult>({ target: 'object', candidates: 'array', paths: 'array', notes: 'array' }),
  ),
  /** Why this verdict: one login of the result (on a path or a candidate) against what it was compared with. */
  'trace.explain': call(
    z.strictObject({ ...question, upstream: connectionName }),
    shape<TraceExplanation>({ upstream: 'object', downstream: 'object', terms: 'array' }),
  ),
  /** The connections of a victim that were open near a time, to choose from; nearest in time first. */
  'trace.logins': call(
    z.strictObject({ ...question, limit: z.number().int().min(1).max(1000) }),
    z.object({
      connections: z.array(shape<ConnectionView>({ source: 'string', destination: 'string' })),
      total: z.number(),
    }),
  ),
};
