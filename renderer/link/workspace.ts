/** What is known of the open store, the collector and the jobs: followed once, for the whole window. */
import { create } from 'zustand';
import type { LinkState } from '../../core/wire/client-types.ts';
import type { WorkspaceStatus } from '../../core/wire/contract-workspace.ts';
import { AskingPace } from './asking-pace.ts';
import { core } from './core.ts';

interface Workspace {
  readonly link: LinkState;
  readonly status: WorkspaceStatus | undefined;
  /** The store's revision as far as questions follow it: undefined until a store is open. */
  readonly revision: number | undefined;
  /** The same for questions that the flows of the running collection do not concern. */
  readonly settledRevision: number | undefined;
  /** The first and the last moment of the stored flows at that revision; null: there are none. */
  readonly stored: { readonly from: number; readonly to: number } | null;
  /** Why the status cannot be had, where it is not the connection. */
  readonly error: Error | undefined;
}

export const useWorkspace = create<Workspace>()(() => ({
  link: core.state,
  status: undefined,
  revision: undefined,
  settledRevision: undefined,
  stored: null,
  error: undefined,
}));

/** Questions to the flows tell it when they are asked and answered. */
export const pace = new AskingPace(() => performance.now());

/** Flows of long ago are exported late at times: what asks for them follows the collection too, this seldom, ms. */
const SETTLED_PACE = 60_000;
/** How soon it is looked again whether all is answered, ms. */
const LOOK_AGAIN = 250;

let settledAt = Number.NEGATIVE_INFINITY;
let settledSeen: number | undefined;
let pending: ReturnType<typeof setTimeout> | undefined;

function follow(): void {
  pending = undefined;
  const { status, revision } = useWorkspace.getState();
  const store = status?.store ?? undefined;
  if (store?.revision === revision) return;
  // Nobody looks: when somebody does again, it is asked at once.
  if (document.hidden && revision !== undefined) return;
  const wait = pace.wait();
  if (wait !== 0 && revision !== undefined) {
    pending = setTimeout(follow, wait ?? LOOK_AGAIN);
    return;
  }
  pace.begin();
  const range = store?.range ?? null;
  const isLate = performance.now() - settledAt >= SETTLED_PACE;
  const settles = isLate || store?.settledRevision !== settledSeen;
  if (settles) settledAt = performance.now();
  settledSeen = store?.settledRevision;
  useWorkspace.setState({
    revision: store?.revision,
    ...(settles ? { settledRevision: store?.revision } : {}),
    stored: range && { from: range.startMs, to: Math.max(range.endMs, range.startMs + 1) },
  });
}

/** Follows the status until the page is left. */
export async function followWorkspace(): Promise<void> {
  core.onState((link) => useWorkspace.setState({ link }));
  document.addEventListener('visibilitychange', () => pending === undefined && follow());
  try {
    for await (const status of core.feed('workspace.status', {})) {
      useWorkspace.setState({ status });
      if (pending === undefined) follow();
    }
  } catch (cause) {
    useWorkspace.setState({ error: cause instanceof Error ? cause : new Error(String(cause)) });
  }
}

/** The first and the last moment of the stored flows, or null where there are none. */
export const useStoredRange = (): { readonly from: number; readonly to: number } | null =>
  useWorkspace((workspace) => workspace.stored);
