/** The traceback: a few traces at a time, each in its thread. */
import { ApiError } from '../model/api-error.ts';
import { durationMs, type EpochMs } from '../model/time.ts';
import type { Party } from '../model/trace-question.ts';
import type { traceMethods } from '../wire/contract-trace.ts';
import type { Handlers } from '../wire/server.ts';
import { nodeSignal } from './handlers-signal.ts';
import { traceInThread, type TraceTasks } from './jobs-trace.ts';
import { DEFAULT_WITHIN, type TraceRequest } from './trace-store.ts';
import type { Workspace } from './workspace.ts';

/** Each may hold the flows of a day in memory. */
const MAX_TRACES = 4;

export function traceHandlers(workspace: Workspace): Handlers<typeof traceMethods> {
  let running = 0;
  const inThread = async <K extends keyof TraceTasks>(
    task: K,
    request: TraceTasks[K]['request'],
    signal: AbortSignal,
  ): Promise<TraceTasks[K]['answer']> => {
    if (running >= MAX_TRACES) {
      throw new ApiError('usage', `${MAX_TRACES} traces run already: wait for one of them, or cancel it.`);
    }
    running++;
    try {
      return await traceInThread(workspace.folder, task, request, signal);
    } finally {
      running--;
    }
  };
  return {
    'trace.run': async (question, context) => inThread('run', requestOf(question), nodeSignal(context)),
    'trace.explain': async (question, context) => {
      const request = { ...requestOf(question), explain: question.upstream };
      return inThread('explain', request, nodeSignal(context));
    },
    'trace.logins': async (question, context) => {
      const request = { ...requestOf(question), limit: question.limit };
      const { connections, total } = await inThread('logins', request, nodeSignal(context));
      return { connections: [...connections], total };
    },
  };
}

interface GivenParty {
  readonly address: string;
  readonly port?: number | undefined;
}

interface GivenQuestion {
  readonly victim: GivenParty;
  readonly at: EpochMs;
  readonly from?: GivenParty | undefined;
  readonly site?: string | undefined;
  readonly withinMs?: number | undefined;
}

/** Without the members that are there and undefined. */
function requestOf({ victim, at, from, site, withinMs }: GivenQuestion): TraceRequest {
  return {
    victim: partyOf(victim),
    at,
    within: withinMs === undefined ? DEFAULT_WITHIN : durationMs(withinMs),
    ...(from && { from: partyOf(from) }),
    ...(site !== undefined && { site }),
  };
}

const partyOf = ({ address, port }: GivenParty): Party =>
  port === undefined ? { address } : { address, port };
