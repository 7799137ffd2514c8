/** While a case is open, what a person does at the workstation goes into its log before it is done. */
import type { Contract } from '../../wire/method.ts';
import type { Handlers } from '../../wire/server.ts';
import { recordStep } from './desk.ts';

/** The methods that are steps of an investigation: what panels ask by themselves is none. */
const steps: ReadonlySet<string> = new Set([
  'trace.run',
  'trace.runCpf',
  'trace.explain',
  'trace.discover',
  'flows.open',
  'export.flows',
  'import.run',
  'import.paths',
  'workspace.openSample',
  'workspace.assignSite',
  'collect.start',
  'collect.stop',
  'geo.lookUp',
  'report.trace',
  'report.month',
  'report.case',
]);

/** A private key is in no log. */
function withoutKey(request: unknown): unknown {
  if (typeof request !== 'object' || request === null || !('tls' in request)) return request;
  const { tls: _, ...rest } = request;
  return { ...rest, tls: 'with a certificate' };
}

type AnyHandler = (request: unknown, context: never) => unknown;

/** The same handlers. A step that cannot be recorded is not taken. */
export function recordSteps<C extends Contract>(handlers: Handlers<C>, folder: () => string): Handlers<C> {
  let last = '';
  const wrapped = Object.entries(handlers as Readonly<Record<string, AnyHandler>>).map(([name, handler]) => {
    if (!steps.has(name)) return [name, handler] as const;
    const recorded: AnyHandler = (request, context) => {
      // A table that is looked at again is no new step.
      const told = withoutKey(request);
      const step = JSON.stringify([name, told]);
      if (name !== 'flows.open' || step !== last) recordStep(folder(), name, told);
      last = step;
      return handler(request, context);
    };
    return [name, recorded] as const;
  });
  return Object.fromEntries(wrapped) as unknown as Handlers<C>;
}
