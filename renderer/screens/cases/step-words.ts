/** Steps of a log in words. */
import type { CaseStep } from '../../../core/model/case.ts';

const words: Readonly<Record<string, string>> = {
  'case-opened': 'Case made',
  'case-closed': 'Case closed',
  'case-reopened': 'Case taken up again',
  'sources-present': 'Sources named',
  'trace-kept': 'Trace kept',
  'flows-kept': 'Flows kept',
  'host-kept': 'Host kept',
  'note-kept': 'Note added',
  'screenshot-kept': 'Picture kept',
  'source-kept': 'Source kept',
  'item-withdrawn': 'Exhibit withdrawn',
  'export-begun': 'Export begun',
  'case-exported': 'Bundle exported',
  'trace.run': 'Trace run',
  'trace.runCpf': 'Trace run by CPF',
  'trace.explain': 'Verdict explained',
  'trace.discover': 'Stepping stones sought',
  'flows.open': 'Flows listed',
  'export.flows': 'Flows exported',
  'import.run': 'Files imported',
  'import.paths': 'Files imported',
  'workspace.openSample': 'Sample case opened',
  'workspace.assignSite': 'Site assigned',
  'collect.start': 'Collector started',
  'collect.stop': 'Collector stopped',
  'geo.lookUp': 'Address looked up online',
  'report.trace': 'Trace printed',
  'report.month': 'Monthly report made',
};

/** What is new in a later program is shown by its own name. */
export const actionText = (action: string): string => words[action] ?? action;

/** Hashes and versions are in every step, and say little in one line. */
const quiet: ReadonlySet<string> = new Set(['program', 'sha256', 'sources', 'case']);

/** The parameters in one line, the telling ones. */
export function parameterText({ action, parameters }: CaseStep): string {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return JSON.stringify(parameters);
  }
  if (action === 'sources-present' && Array.isArray(parameters['sources'])) {
    return `${parameters['sources'].length} by name and SHA-256`;
  }
  return Object.entries(parameters)
    .filter(([name, value]) => !quiet.has(name) && value !== '' && value !== null)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(' · ');
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
