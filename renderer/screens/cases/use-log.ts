/** The log of a case, page by page, the last step first. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CaseInfo, CaseStep } from '../../../core/model/case.ts';
import { useCaseKey } from '../../link/cases.ts';
import { core } from '../../link/core.ts';

const PAGE = 200;

export interface Log {
  /** Undefined until it is known. */
  readonly total: number | undefined;
  /** False where the chain of hashes is broken. */
  readonly whole: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
  /** 0 is the last step. Undefined where it is on its way. */
  readonly stepAt: (index: number) => CaseStep | undefined;
  readonly show: (first: number, end: number) => void;
}

export function useLog({ id, head }: CaseInfo): Log {
  // A longer log has another last step: its pages are other pages.
  const key = useCaseKey(id, 'log', head);
  const [view, setView] = useState({ first: 0, end: 1 });
  const { data, error, refetch } = useQuery({
    queryKey: [...key, 'whole'],
    queryFn: ({ signal }) => core.call('case.log', { case: id, offset: 0, limit: 1 }, { signal }),
  });
  const total = data?.total;
  const last = (total ?? 0) - 1;
  const from = Math.floor(Math.max(0, last - view.end + 1) / PAGE);
  const to = Math.floor(Math.max(0, last - view.first) / PAGE);
  const pages = total === undefined ? [] : Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const found = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...key, page],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        core.call('case.log', { case: id, offset: page * PAGE, limit: PAGE }, { signal }),
    })),
  });
  const show = useCallback((first: number, end: number) => setView({ first, end }), []);
  return {
    total,
    whole: data?.whole ?? true,
    error: error ?? found.find((page) => page.error)?.error ?? null,
    retry: () => {
      void refetch();
      for (const page of found) if (page.error) void page.refetch();
    },
    stepAt: (index) => {
      const at = last - index;
      return found[Math.floor(at / PAGE) - from]?.data?.steps[at % PAGE];
    },
    show,
  };
}
