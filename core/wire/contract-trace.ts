/** The traceback. */
import { z } from 'zod';
import type { CpfTrace } from '../model/cpf-trace.ts';
import type { Discovery } from '../model/trace-discovery.ts';
import type { TraceExplanation } from '../model/trace-explanation.ts';
import type { NearbyLogin, TraceResult } from '../model/trace-result.ts';
import { address, nothing, time } from './contract-common.ts';
import type { SampleQuestion } from './contract-workspace.ts';
import { call } from './method.ts';
import { shape } from './shape.ts';

const port = z.number().int().min(0).max(65_535);
const party = z.strictObject({ address, port: port.optional() });

/** What a trace is asked. */
export const traceQuestion = {
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

/** `phase`: a few words of what is done; `flows`: how many were read, 0 while they are; `share` of the phase, 0 to 1. */
export const traceProgress = z.object({
  phase: z.string().max(200),
  flows: z.number(),
  share: z.number().min(0).max(1).optional(),
});

export const traceMethods = {
  'trace.run': call(
    z.strictObject(traceQuestion),
    shape<TraceResult>({ target: 'object', candidates: 'array', paths: 'array', notes: 'array' }),
    traceProgress,
  ),
  /** By the published method (CPF), for comparison. */
  'trace.runCpf': call(
    z.strictObject(traceQuestion),
    shape<CpfTrace>({ target: 'object', candidates: 'array', chain: 'array', notes: 'array' }),
  ),
  /**
   * Why this verdict: one login of the result (on a path or a candidate) against what it was compared with. Answered from
   * the trace that `trace.run` made of the same question, while it is kept.
   */
  'trace.explain': call(
    z.strictObject({ ...traceQuestion, upstream: connectionName }),
    shape<TraceExplanation>({ upstream: 'object', downstream: 'object', terms: 'array' }),
    traceProgress,
  ),
  /** The connections of a victim that were open near a time, to choose from; nearest in time first. */
  'trace.logins': call(
    z.strictObject({ ...traceQuestion, limit: z.number().int().min(1).max(1000) }),
    z.object({
      connections: z.array(
        shape<NearbyLogin>({ source: 'string', destination: 'string', activity: 'array' }),
      ),
      total: z.number(),
    }),
  ),
  /** Logins that carry other logins, in a range of time, which nobody reported. */
  'trace.discover': call(
    z.strictObject({
      from: time.optional(),
      to: time.optional(),
      site: z.string().max(200).optional(),
      limit: z.number().int().min(1).max(1000),
    }),
    shape<Discovery>({ found: 'array', total: 'number', notes: 'array' }),
  ),
  /** The question of the sample case where the store holds it; null elsewhere. */
  'trace.sample': call(
    nothing,
    z.object({ question: shape<SampleQuestion>({ victim: 'object', from: 'object' }).nullable() }),
  ),
};
