/** Whole results as files. */
import type { exportMethods } from '../../wire/contract-export.ts';
import type { Handlers } from '../../wire/server.ts';
import { compileFilter } from '../query/filter.ts';
import type { Workspace } from '../workspace/workspace.ts';

export function exportHandlers(workspace: Workspace): Handlers<typeof exportMethods> {
  return {
    'export.flows': (question) => {
      // Refused here, where the page can show it, and not in the download.
      void workspace.store;
      compileFilter(question.filter);
      return workspace.downloads.offer(workspace.folder, question);
    },
    'export.result': async ({ export: id }) => {
      const summary = await workspace.downloads.result(id);
      return {
        summary: summary && { ...summary, damages: [...summary.damages], notes: [...summary.notes] },
      };
    },
  };
}
