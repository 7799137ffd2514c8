/** The contract's handlers over one workspace. */
import { caseMethods } from '../wire/contract-case.ts';
import { collectMethods } from '../wire/contract-collect.ts';
import { exportMethods } from '../wire/contract-export.ts';
import { geoMethods } from '../wire/contract-geo.ts';
import { healthMethods } from '../wire/contract-health.ts';
import { importMethods } from '../wire/contract-import.ts';
import { queryMethods } from '../wire/contract-query.ts';
import { reportMethods } from '../wire/contract-report.ts';
import { settingsMethods } from '../wire/contract-settings.ts';
import { traceMethods } from '../wire/contract-trace.ts';
import { workspaceMethods } from '../wire/contract-workspace.ts';
import type { Handlers } from '../wire/server.ts';
import { recordSteps } from './case-record.ts';
import { caseHandlers } from './handlers-case.ts';
import { collectHandlers } from './handlers-collect.ts';
import { exportHandlers } from './handlers-export.ts';
import { geoHandlers } from './handlers-geo.ts';
import { healthHandlers } from './handlers-health.ts';
import { importHandlers } from './handlers-import.ts';
import { queryHandlers } from './handlers-query.ts';
import { reportHandlers } from './handlers-report.ts';
import { settingsHandlers } from './handlers-settings.ts';
import { traceHandlers } from './handlers-trace.ts';
import { workspaceHandlers } from './handlers-workspace.ts';
import type { Workspace } from './workspace.ts';

/** What this host serves. */
export const offered = {
  ...workspaceMethods,
  ...importMethods,
  ...collectMethods,
  ...queryMethods,
  ...exportMethods,
  ...traceMethods,
  ...geoMethods,
  ...healthMethods,
  ...reportMethods,
  ...settingsMethods,
  ...caseMethods,
};

export function makeHandlers(workspace: Workspace): Handlers<typeof offered> {
  const handlers: Handlers<typeof offered> = {
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
