/** The contract's handlers over one workspace. */
import type { CoreContract } from '../wire/contract.ts';
import type { Handlers } from '../wire/server.ts';
import { recordSteps } from './case/record.ts';
import { caseHandlers } from './handlers/case.ts';
import { collectHandlers } from './handlers/collect.ts';
import { exportHandlers } from './handlers/export.ts';
import { geoHandlers } from './handlers/geo.ts';
import { healthHandlers } from './handlers/health.ts';
import { importHandlers } from './handlers/import.ts';
import { queryHandlers } from './handlers/query.ts';
import { reportHandlers } from './handlers/report.ts';
import { settingsHandlers } from './handlers/settings.ts';
import { traceHandlers } from './handlers/trace.ts';
import { workspaceHandlers } from './handlers/workspace.ts';
import type { Workspace } from './workspace/workspace.ts';

export function makeHandlers(workspace: Workspace): Handlers<CoreContract> {
  const handlers: Handlers<CoreContract> = {
    ...workspaceHandlers(workspace),
    ...importHandlers(workspace),
    ...collectHandlers(workspace),
    ...queryHandlers(workspace),
    ...exportHandlers(workspace),
    ...traceHandlers(workspace),
    ...geoHandlers(workspace),
    ...healthHandlers(workspace),
    ...reportHandlers(workspace),
    ...settingsHandlers(workspace),
    ...caseHandlers(workspace),
  };
  return recordSteps(handlers, () => workspace.folder);
}
