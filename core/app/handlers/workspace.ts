/** What is open, and what is in it. */
import { basename } from 'node:path';
import { ApiError } from '../../model/api-error.ts';
import type { ExporterAccount } from '../../wire/contract-collect.ts';
import type {
  ExporterInfo,
  SourceInfo,
  WorkspaceStatus,
  workspaceMethods,
} from '../../wire/contract-workspace.ts';
import type { Handlers } from '../../wire/server.ts';
import { nodeSignal } from './signal.ts';
import { importWork } from '../jobs/import.ts';
import { pause } from '../workspace/live-changes.ts';
import { loadElements } from '../resources.ts';
import { loadSampleCase } from '../sample-case.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** The shortest time between two statuses, and the longest. */
const SOON_MS = 200;
const EACH_MS = 1000;

export function workspaceHandlers(workspace: Workspace): Handlers<typeof workspaceMethods> {
  return {
    'workspace.status': (_, context) => statuses(workspace, nodeSignal(context)),
    'workspace.openStore': ({ folder, create }) => {
      workspace.openStore(folder, create);
      return {};
    },
    'workspace.openSample': () => openSample(workspace),
    'workspace.sources': () => ({ sources: workspace.store.sources().map(describeSource) }),
    'workspace.exporters': () => ({ exporters: exporters(workspace) }),
    'workspace.sites': () => ({
      sites: workspace.store.sites().map(({ name, named }) => ({ name, named })),
    }),
    'workspace.vocabulary': () => ({ elements: [...loadElements().names].toSorted() }),
    'workspace.assignSite': ({ address, site }) => {
      workspace.store.assignSite(address, site);
      workspace.touch();
      return {};
    },
    'jobs.watch': ({ job }, context) => workspace.jobs.watch(job, nodeSignal(context)),
    'jobs.cancel': ({ job }) => {
      workspace.jobs.cancel(job);
      return {};
    },
  };
}

async function* statuses(workspace: Workspace, signal: AbortSignal): AsyncGenerator<WorkspaceStatus> {
  while (!signal.aborted) {
    const seen = workspace.changes.version;
    yield workspace.status();
    await pause(SOON_MS, signal);
    await workspace.changes.after(seen, signal, EACH_MS - SOON_MS);
  }
}

/** Into a store of its own: recorded flows of a made-up case do not belong among anybody's evidence. */
function openSample(
  workspace: Workspace,
): ReturnType<Handlers<typeof workspaceMethods>['workspace.openSample']> {
  const { title, sources, question } = loadSampleCase();
  const ours = (name: string): boolean => sources.some(({ folder }) => name.startsWith(folder));
  if (
    workspace.status().store &&
    !workspace.store.sources().every(({ name, rows }) => rows === 0 || ours(name))
  ) {
    throw new ApiError(
      'usage',
      'This store holds other flows, and the sample would stand among them: open it in an empty store.',
    );
  }
  const parts = sources.map(({ folder, site }) => ({ paths: [folder], site }));
  const { folder } = workspace;
  const work = importWork({ folder, parts, mapping: undefined, root: undefined });
  const job = workspace.jobs.begin('import', 'The sample case', work, () => workspace.touch());
  const { victim, from, at, site } = question;
  return { job, question: { title, victim: { ...victim }, from: { ...from }, atMs: at, site } };
}

function describeSource(source: ReturnType<Workspace['store']['sources']>[number]): SourceInfo {
  const { id, name, sha256, bytes, kind, state, rows, options, brokeAt } = source;
  return {
    id,
    name,
    sha256,
    bytes,
    kind,
    state,
    importedMs: source.imported,
    flows: rows,
    options,
    issues: { ...source.issues },
    skipped: { ...source.skipped },
    brokeAt,
    live: kind === 'live',
  };
}

/** The catalogue's exporters with their accounts: the running collector's, or else what the last one left. */
function exporters(workspace: Workspace): ExporterInfo[] {
  const { store, collector } = workspace;
  const live = collector.running !== undefined;
  const accounts = new Map<string, ExporterAccount>();
  for (const account of live ? (collector.status?.exporters ?? []) : lastAccounts(workspace)) {
    accounts.set(keyOf(account), account);
  }
  const named = new Set(store.sites().flatMap((site) => (site.named ? [site.name] : [])));
  return store.exporters().map((exporter) => {
    const { address, port, observationDomainId, site } = exporter;
    const account = accounts.get(keyOf(exporter));
    return {
      address,
      port,
      observationDomainId,
      site,
      siteNamed: named.has(site),
      account: account
        ? { ...account, live, firstReceivedMs: account.firstReceived, lastReceivedMs: account.lastReceived }
        : null,
    };
  });
}

interface Identity {
  readonly address: string;
  readonly port: number | null;
  readonly observationDomainId: number;
}

const keyOf = ({ address, port, observationDomainId }: Identity): string =>
  `${address}|${port ?? ''}|${observationDomainId}`;

/** The account that the last collection left in the catalogue. */
function lastAccounts({ store }: Workspace): readonly ExporterAccount[] {
  const [last] = store.collections();
  if (!last) return [];
  const { exporters: left = [] } = JSON.parse(last.status) as { exporters?: readonly ExporterAccount[] };
  return left;
}

export const titleOf = (names: readonly string[]): string =>
  names.length === 1 ? basename(names[0] ?? '') : `${names.length} files`;
