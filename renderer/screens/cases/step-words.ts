/** Steps of a log in words. */
import type { CaseStep } from '../../../core/model/case.ts';
import { formatStamp } from '../../parts/format.ts';
import { formatEndpoint } from '../../../core/model/address.ts';

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
  'report.case': 'Case printed',
};

/** What is new in a later program is shown by its own name. */
export const actionText = (action: string): string => words[action] ?? action;

/** In every step, and saying little in one line. */
const quiet: ReadonlySet<string> = new Set([
  'program',
  'sha256',
  'sources',
  'case',
  'item',
  'kind',
  'within',
]);

/** Later than this (1973) a number under such a name is a moment, epoch ms. */
const MOMENTS = 1e11;
const moments = /^(?:at|from|to|fromMs|toMs)$/;

/** The parameters in one line, the telling ones. */
export function parameterText({ action, parameters }: CaseStep): string {
  if (!isRecord(parameters)) return JSON.stringify(parameters);
  if (action === 'sources-present' && Array.isArray(parameters['sources'])) {
    return `${parameters['sources'].length} by name and SHA-256`;
  }
  const kept = action.endsWith('-kept');
  const told = kept ? [parameters['title'], parameters['note']] : [];
  const rest = Object.entries(parameters).filter(
    ([name, value]) =>
      !quiet.has(name) && value !== '' && value !== null && !(kept && /^(?:title|note|question)$/.test(name)),
  );
  return [
    ...told.filter((text): text is string => typeof text === 'string' && text !== ''),
    ...rest.map(([name, value]) => `${name.replace(/Ms$/, '')} ${valueText(name, value)}`),
  ].join(' · ');
}

function valueText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && value > MOMENTS && moments.test(name)) return formatStamp(value);
  if (Array.isArray(value)) return value.map((one) => valueText('', one)).join(' ');
  if (!isRecord(value)) return JSON.stringify(value);
  const { address, port } = value;
  if (typeof address === 'string') return typeof port === 'number' ? formatEndpoint(address, port) : address;
  return JSON.stringify(value);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
