/** Reports, each made in a thread of its own. */
import { ApiError } from '../../model/api-error.ts';
import type { reportMethods } from '../../wire/contract-report.ts';
import type { Context, Handlers } from '../../wire/server.ts';
import { formatTime } from '../../model/time.ts';
import { caseFileName } from './case.ts';
import { nodeSignal } from './signal.ts';
import { requestOf } from './trace.ts';
import { monthsOf, storeName } from '../report/month.ts';
import { makeReport, type MadeReport, type ReportProgress, type ReportThreadData } from '../report/thread.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Reports of all clients at a time: each holds some hundred megabytes. */
const MAX_REPORTS = 2;
/** Twenty years. */
const MAX_MONTHS = 240;

interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReportProgress) => void;
}

export function reportHandlers(workspace: Workspace): Handlers<typeof reportMethods> {
  let running = 0;
  const make = async (
    { order, paper }: Pick<ReportThreadData, 'order' | 'paper'>,
    watching: Watching,
  ): Promise<MadeReport> => {
    if (running >= MAX_REPORTS) {
      throw new ApiError(
        'usage',
        `${MAX_REPORTS} reports are being made: wait for one of them, or cancel it.`,
      );
    }
    running++;
    try {
      const made = await makeReport({ folder: workspace.folder, order, paper }, watching);
      if (!made) throw new Error('the report went into a file');
      return made;
    } finally {
      running--;
    }
  };
  return {
    'report.months': () => {
      const sites = workspace.store.sites().map(({ name }) => name);
      return { months: monthsOf(workspace.folder, MAX_MONTHS), sites };
    },
    'report.month': async ({ paper, ...question }, context) => {
      const order = { what: 'month', request: { ...question, nowMs: Date.now() } } as const;
      const made = await make({ order, paper }, watchingOf(context));
      return { ...made, fileName: `backtrail-${question.month}` };
    },
    'report.trace': async ({ paper, ...question }, context) => {
      const asked = { ...requestOf(question), nowMs: Date.now(), storeArgument: storeName(workspace.folder) };
      const made = await make({ order: { what: 'trace', request: asked }, paper }, watchingOf(context));
      const at = formatTime(question.at).slice(0, 19).replaceAll(/[:-]/g, '');
      return { ...made, fileName: `backtrail-trace-${question.victim.address.replaceAll(':', '-')}-${at}` };
    },
    'report.case': async ({ case: id, paper }, context) => {
      const order = { what: 'case', request: { case: id, nowMs: Date.now() } } as const;
      const made = await make({ order, paper }, watchingOf(context));
      return { ...made, fileName: caseFileName(made.title) };
    },
  };
}

function watchingOf(context: Context<ReportProgress>): Watching {
  return {
    signal: nodeSignal(context),
    // Without what passes between threads alone.
    onProgress: ({ phase, done, of }) => context.progress({ phase, done, of }),
  };
}
