/** How far the evidence can be trusted. */
import type { healthMethods } from '../../wire/contract-health.ts';
import type { Handlers } from '../../wire/server.ts';
import { nodeSignal } from './signal.ts';
import { TraceThreads } from '../jobs/trace-threads.ts';
import type { Workspace } from '../workspace/workspace.ts';

export function healthHandlers(workspace: Workspace): Handlers<typeof healthMethods> {
  const threads = new TraceThreads(() => workspace.folder);
  return {
    'health.exporters': async (request, context) =>
      threads.once('exporters', request, { signal: nodeSignal(context) }),
    'health.storage': async (_, context) => {
      const { days, columns } = await threads.once('storage', {}, { signal: nodeSignal(context) });
      return {
        days: days.map((day) => ({ ...day, segmentFlows: day.segmentFlows && [...day.segmentFlows] })),
        columns: [...columns],
      };
    },
  };
}
