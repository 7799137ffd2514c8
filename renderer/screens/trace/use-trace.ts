/** The trace of a question and the explanations of its pairs. A trace is run when it is asked for, not with every new flow. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectionName, TraceExplanation } from '../../../core/model/trace-explanation.ts';
import type { CpfTrace } from '../../../core/model/cpf-trace.ts';
import type { TraceResult } from '../../../core/model/trace-result.ts';
import { core } from '../../link/core.ts';
import { useWorkspace } from '../../link/workspace.ts';
import type { TraceAsked } from '../../state/trace-question.ts';

export interface TraceProgress {
  readonly phase: string;
  readonly flows: number;
  /** Of this phase, 0 to 1, where it is known. */
  readonly share?: number | undefined;
}

export interface TraceState {
  readonly result: TraceResult | undefined;
  readonly error: Error | null;
  readonly isRunning: boolean;
  readonly progress: TraceProgress | undefined;
  readonly tookMs: number | undefined;
  /** The store holds other flows now than it did. */
  readonly isOld: boolean;
  readonly again: () => void;
}

export function useTrace(asked: TraceAsked | null): TraceState {
  const revision = useWorkspace((workspace) => workspace.revision);
  const [progress, setProgress] = useState<TraceProgress>();
  const query = useQuery({
    queryKey: ['trace.run', asked],
    enabled: asked !== null && revision !== undefined,
    queryFn: async ({ signal }) => {
      if (!asked) throw new Error('nothing was asked');
      const began = performance.now();
      const before = useWorkspace.getState().revision;
      setProgress(undefined);
      const result = await core.call('trace.run', asked, { signal, onProgress: setProgress });
      return { result, tookMs: performance.now() - began, revision: before };
    },
  });
  return {
    result: query.data?.result,
    error: query.error,
    isRunning: query.isFetching,
    progress,
    tookMs: query.data?.tookMs,
    isOld: query.data !== undefined && query.data.revision !== revision,
    again: () => void query.refetch(),
  };
}

export interface CpfState {
  readonly data: CpfTrace | undefined;
  readonly error: Error | null;
}

export function useCpfTrace(asked: TraceAsked | null): CpfState {
  return useQuery({
    queryKey: ['trace.runCpf', asked],
    enabled: asked !== null,
    queryFn: async ({ signal }) => {
      if (!asked) throw new Error('nothing was asked');
      return core.call('trace.runCpf', asked, { signal });
    },
  });
}

export interface Explained {
  readonly name: ConnectionName;
  readonly explanation: TraceExplanation | undefined;
  readonly error: Error | null;
}

/** One explanation for each name, in their order. */
export function useExplanations(
  asked: TraceAsked | null,
  names: readonly ConnectionName[],
): readonly Explained[] {
  const found = useQueries({
    queries: names.map((name) => ({
      queryKey: ['trace.explain', asked, name],
      enabled: asked !== null,
      queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
        if (!asked) throw new Error('nothing was asked');
        return core.call('trace.explain', { ...asked, upstream: name }, { signal });
      },
    })),
  });
  return names.map((name, i) => ({
    name,
    explanation: found[i]?.data,
    error: found[i]?.error ?? null,
  }));
}
