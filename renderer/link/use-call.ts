/** Calls of the core as hooks: answered again when the store has changed, stopped when nobody looks any more. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CoreContract } from '../../core/wire/contract.ts';
import type { CallName, ProgressOf, ReplyOf, RequestOf } from '../../core/wire/method.ts';
import { core } from './core.ts';
import { useWorkspace } from './workspace.ts';

export interface CallState<Reply, Progress> {
  /** The latest answer; while another one is on its way, still the one before. */
  readonly data: Reply | undefined;
  readonly error: Error | null;
  /** No answer yet. */
  readonly isLoading: boolean;
  /** `data` answers an older question, or the same one of an older store. */
  readonly isStale: boolean;
  /** `data` is what is known so far, before all was read. */
  readonly isPartial: boolean;
  readonly progress: Progress | undefined;
  /** How long the answer took, ms. */
  readonly tookMs: number | undefined;
  readonly retry: () => void;
}

export interface CallChoice {
  /** False: not asked yet. */
  readonly enabled?: boolean;
}

/** One call and its answer, asked anew when the request or the stored flows change. */
export function useCall<K extends CallName<CoreContract>>(
  name: K,
  request: RequestOf<CoreContract[K]>,
  { enabled = true }: CallChoice = {},
): CallState<ReplyOf<CoreContract[K]>, ProgressOf<CoreContract[K]>> {
  const ofStore = !name.startsWith('collect.');
  const revision = useWorkspace((workspace) => (ofStore ? workspace.revision : 0));
  const [progress, setProgress] = useState<ProgressOf<CoreContract[K]>>();
  const query = useQuery({
    queryKey: [name, request, revision],
    enabled: enabled && revision !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const began = performance.now();
      setProgress(undefined);
      const answer = await core.call(name, request, { signal, onProgress: setProgress });
      return { answer, tookMs: performance.now() - began, request };
    },
  });
  // While the same question is asked of a store that has grown, the whole answer before says more than a new part.
  const isOther = query.data === undefined || JSON.stringify(query.data.request) !== JSON.stringify(request);
  const sofar = progress as { readonly partial?: ReplyOf<CoreContract[K]> } | undefined;
  const partial = query.isFetching && isOther ? sofar?.partial : undefined;
  return {
    data: partial ?? query.data?.answer,
    error: query.error,
    isLoading: query.data === undefined && partial === undefined && query.error === null,
    isStale: query.isPlaceholderData || (query.isFetching && query.data !== undefined),
    isPartial: partial !== undefined,
    progress,
    tookMs: query.isPlaceholderData ? undefined : query.data?.tookMs,
    retry: () => void query.refetch(),
  };
}
