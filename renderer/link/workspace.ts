/** What is known of the open store, the collector and the jobs: followed once, for the whole window. */
import { create } from 'zustand';
import type { LinkState } from '../../core/wire/client-types.ts';
import type { WorkspaceStatus } from '../../core/wire/contract-workspace.ts';
import { core } from './core.ts';

interface Workspace {
  readonly link: LinkState;
  readonly status: WorkspaceStatus | undefined;
  /** The store's revision as far as questions follow it: undefined until a store is open. */
  readonly revision: number | undefined;
  /** Why the status cannot be had, where it is not the connection. */
  readonly error: Error | undefined;
}

export const useWorkspace = create<Workspace>()(() => ({
  link: core.state,
  status: undefined,
  revision: undefined,
  error: undefined,
}));

/** Live data change the store all the time: the screens ask anew at most this often, ms. */
const REVISION_PACE = 2000;

let followed = -REVISION_PACE;
let pending: ReturnType<typeof setTimeout> | undefined;

function followRevision(): void {
  pending = undefined;
  followed = performance.now();
  useWorkspace.setState(({ status }) => ({ revision: status?.store?.revision }));
}

/** Follows the status until the page is left. */
export async function followWorkspace(): Promise<void> {
  core.onState((link) => useWorkspace.setState({ link }));
  try {
    for await (const status of core.feed('workspace.status', {})) {
      useWorkspace.setState({ status });
      if (status.store?.revision === useWorkspace.getState().revision || pending !== undefined) continue;
      pending = setTimeout(followRevision, Math.max(0, followed + REVISION_PACE - performance.now()));
    }
  } catch (cause) {
    useWorkspace.setState({ error: cause instanceof Error ? cause : new Error(String(cause)) });
  }
}

/** The first and the last moment of the stored flows, or null where there are none. */
export const useStoredRange = (): { from: number; to: number } | null => {
  const startMs = useWorkspace((workspace) => workspace.status?.store?.range?.startMs);
  const endMs = useWorkspace((workspace) => workspace.status?.store?.range?.endMs);
  return startMs === undefined || endMs === undefined
    ? null
    : { from: startMs, to: Math.max(endMs, startMs + 1) };
};
