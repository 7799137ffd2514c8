/** Everything a workstation can ask of the core, by name: one plain object of schemas. */
import { caseMethods } from './contract-case.ts';
import { collectMethods } from './contract-collect.ts';
import { exportMethods } from './contract-export.ts';
import { geoMethods } from './contract-geo.ts';
import { healthMethods } from './contract-health.ts';
import { importMethods } from './contract-import.ts';
import { queryMethods } from './contract-query.ts';
import { reportMethods } from './contract-report.ts';
import { settingsMethods } from './contract-settings.ts';
import { traceMethods } from './contract-trace.ts';
import { workspaceMethods } from './contract-workspace.ts';

export const contract = {
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

export type CoreContract = typeof contract;
