/** Reports, each made in a thread of its own. */
import { ApiError } from '../model/api-error.ts';
import type { reportMethods } from '../wire/contract-report.ts';
import type { Handlers } from '../wire/server.ts';
import { nodeSignal } from './handlers-signal.ts';
import { monthsOf } from './report-month.ts';
import { makeReport } from './report-thread.ts';
import type { Workspace } from './workspace.ts';

/** Reports of all clients at a time: each holds some hundred megabytes. */
const MAX_REPORTS = 2;
/** Twenty years. */
const MAX_MONTHS = 240;

export function reportHandlers(workspace: Workspace): Handlers<typeof reportMethods> {
  let running = 0;
  return {
    'report.months': () => {
      const sites = workspace.store.sites().map(({ name }) => name);
      return { months: monthsOf(workspace.folder, MAX_MONTHS), sites };
    },
    'report.month': async ({ paper, ...question }, context) => {
      if (running >= MAX_REPORTS) {
        throw new ApiError(
          'usage',
          `${MAX_REPORTS} reports are being made: wait for one of them, or cancel it.`,
        );
      }
      running++;
      try {
        const request = { ...question, nowMs: Date.now() };
        const made = await makeReport(
          { folder: workspace.folder, order: { what: 'month', request }, paper },
          {
            signal: nodeSignal(context),
            onProgress: ({ phase, done, of }) => context.progress({ phase, done, of }),
          },
        );
        if (!made) throw new Error('the report went into a file');
        return { ...made, fileName: `backtrail-${question.month}` };
      } finally {
        running--;
      }
    },
  };
}
