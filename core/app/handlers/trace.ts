/** The traceback: a few traces at a time, each in its thread. */
import { durationMs, type EpochMs } from '../../model/time.ts';
import type { Party } from '../../model/trace-question.ts';
import type { traceMethods } from '../../wire/contract-trace.ts';
import type { SampleQuestion } from '../../wire/contract-workspace.ts';
import type { Handlers } from '../../wire/server.ts';
import { nodeSignal } from './signal.ts';
import { TraceThreads } from '../jobs/trace-threads.ts';
import { loadSampleCase } from '../sample-case.ts';
import { DEFAULT_WITHIN, type TraceRequest } from '../trace/store.ts';
import type { Workspace } from '../workspace/workspace.ts';

export function traceHandlers(workspace: Workspace): Handlers<typeof traceMethods> {
  const threads = new TraceThreads(() => workspace.folder);
  workspace.onLeave(() => threads.close());
  return {
    'trace.run': async (question, context) =>
      threads.run(requestOf(question), { signal: nodeSignal(context), onProgress: context.progress }),
    'trace.runCpf': async (question, context) =>
      threads.once('cpf', requestOf(question), { signal: nodeSignal(context) }),
    'trace.explain': async ({ upstream, ...question }, context) =>
      threads.explain(
        { question: requestOf(question), upstream },
        { signal: nodeSignal(context), onProgress: context.progress },
      ),
    'trace.logins': async ({ limit, ...question }, context) => {
      const request = { ...requestOf(question), limit };
      const { connections, total } = await threads.once('logins', request, { signal: nodeSignal(context) });
      return { connections: [...connections], total };
    },
    'trace.discover': async (request, context) =>
      threads.once('discover', request, { signal: nodeSignal(context) }),
    'trace.sample': () => ({ question: sampleQuestion(workspace) }),
  };
}

/** Null where the store holds no source of the sample. */
function sampleQuestion({ store }: Workspace): SampleQuestion | null {
  const { title, sources, question } = loadSampleCase();
  const isOurs = (name: string): boolean => sources.some(({ folder }) => name.startsWith(folder));
  if (!store.sources().some(({ name, rows }) => rows > 0 && isOurs(name))) return null;
  const { victim, from, at, site } = question;
  return { title, victim: { ...victim }, from: { ...from }, atMs: at, site };
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
export function requestOf({ victim, at, from, site, withinMs }: GivenQuestion): TraceRequest {
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
