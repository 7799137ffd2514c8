/** Calls of the core as hooks: answered again when the store has changed, stopped when nobody looks any more. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { startTransition, useRef, useState } from 'react';
import type { CoreContract } from '../../core/wire/contract.ts';
import type { CallName, ProgressOf, ReplyOf, RequestOf } from '../../core/wire/method.ts';
import { core } from './core.ts';
import { Turns } from './turns.ts';
import { pace, useWorkspace } from './workspace.ts';

export interface CallState<Reply, Progress> {
  /** The latest answer; while another one is on its way, still the one before. */
  readonly data: Reply | undefined;
  readonly error: Error | null;
  /** No answer yet. */
  readonly isLoading: boolean;
  /** `data` answers another question: the answer to this one is on its way. */
  readonly isStale: boolean;
  /** `data` is what is known so far, before all was read. */
  readonly isPartial: boolean;
  readonly progress: Progress | undefined;
  /** How long the answer took, ms. */
  readonly tookMs: number | undefined;
  readonly retry: () => void;
}

export interface CallChoice {
  /** False: not asked yet, or not asked again for now. */
  readonly enabled?: boolean;
  /** It may wait for others of its kind: what is looked at first comes first. */
  readonly waits?: boolean;
}

/** How often a screen follows what is known so far, ms. */
const PROGRESS_PACE = 200;
/** A flow is exported some time after it ended: questions about so long ago do not concern what is collected now, ms. */
const PRESENT = 3_600_000;

/** The core answers with a few threads: more questions at a time would only wait for each other. */
const turns = new Turns(2);

/** What has to change in the store for a call to have another answer. */
function concernOf(name: string, request: unknown): 'nothing' | 'settled' | 'flows' {
  if (name.startsWith('collect.')) return 'nothing';
  const { to } = request as { readonly to?: unknown };
  if (typeof to === 'number' && to < Date.now() - PRESENT) return 'settled';
  return /^(flows\.open|query\..*|health\..*|workspace\.(sources|exporters)|geo\.countries)$/.test(name)
    ? 'flows'
    : 'settled';
}

/** The store's revision as far as it can change the answer to a call; undefined until a store is open. */
export function useRevisionOf(name: string, request: unknown): number | undefined {
  const concern = concernOf(name, request);
  return useWorkspace((workspace) =>
    concern === 'nothing' ? 0 : concern === 'flows' ? workspace.revision : workspace.settledRevision,
  );
}

/** One call and its answer, asked anew when the request or the stored flows change. */
export function useCall<K extends CallName<CoreContract>>(
  name: K,
  request: RequestOf<CoreContract[K]>,
  { enabled = true, waits = false }: CallChoice = {},
): CallState<ReplyOf<CoreContract[K]>, ProgressOf<CoreContract[K]>> {
  const revision = useRevisionOf(name, request);
  const key = JSON.stringify(request);
  const [progress, setProgress] = useState<ProgressOf<CoreContract[K]>>();
  const answered = useRef<string>(undefined);
  const query = useQuery({
    queryKey: [name, request, revision],
    enabled: enabled && revision !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const endTurn = waits ? await turns.take(signal) : undefined;
      const began = performance.now();
      const done = pace.ask();
      // While the same question is asked of a store that has grown, the whole answer before says more than a new part.
      const isNew = key !== answered.current;
      let toldAt = Number.NEGATIVE_INFINITY;
      if (isNew) setProgress(undefined);
      const onProgress = (part: ProgressOf<CoreContract[K]>): void => {
        const now = performance.now();
        if (!isNew || now - toldAt < PROGRESS_PACE) return;
        toldAt = now;
        startTransition(() => setProgress(part));
      };
      try {
        const answer = await core.call(name, request, { signal, onProgress });
        answered.current = key;
        return { answer, tookMs: performance.now() - began, key };
      } finally {
        done();
        endTurn?.();
      }
    },
  });
  const isOther = query.data?.key !== key;
  const sofar = progress as { readonly partial?: ReplyOf<CoreContract[K]> } | undefined;
  const partial = query.isFetching && isOther ? sofar?.partial : undefined;
  return {
    data: partial ?? query.data?.answer,
    error: query.error,
    isLoading: query.data === undefined && partial === undefined && query.error === null,
    isStale: isOther && query.data !== undefined,
    isPartial: partial !== undefined,
    progress,
    tookMs: isOther ? undefined : query.data?.tookMs,
    retry: () => void query.refetch(),
  };
}
