/** The cases of the open store. What is kept and recorded changes them, never the stored flows: they are asked for by themselves. */
import { useQuery, useQueryClient, type QueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { CaseInfo, CaseItem } from '../../core/model/case.ts';
import { core } from './core.ts';
import { useWorkspace } from './workspace.ts';

/** Every question about cases begins so. */
const KEY = 'cases';

const useFolder = (): string | undefined =>
  useWorkspace(({ status }) => (status === undefined ? undefined : (status.store?.folder ?? '')));

/** Asked again whenever somebody looks: another window may have kept something meanwhile. */
const always = { staleTime: 0, refetchOnWindowFocus: true } as const;

export interface Cases {
  readonly cases: readonly CaseInfo[];
  /** The one whose log is told of every step. */
  readonly open: CaseInfo | undefined;
  /** Undefined until they are known. */
  readonly known: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

export function useCases(): Cases {
  const folder = useFolder();
  const { data, error, refetch } = useQuery({
    ...always,
    queryKey: [KEY, folder, 'list'],
    enabled: folder !== undefined,
    queryFn: ({ signal }) => core.call('case.list', {}, { signal }),
  });
  return {
    cases: data?.cases ?? [],
    open: data?.cases.find(({ id }) => id === data.open),
    known: data !== undefined,
    error,
    retry: () => void refetch(),
  };
}

/** One case with what was kept in it. */
export function useCase(
  id: string,
): UseQueryResult<{ readonly case: CaseInfo; readonly items: readonly CaseItem[] }> {
  const queryKey = useCaseKey(id, 'show');
  return useQuery({
    ...always,
    queryKey,
    queryFn: ({ signal }) => core.call('case.show', { case: id }, { signal }),
  });
}

/** Key of a question about one case. */
export const useCaseKey = (id: string, ...what: readonly (string | number)[]): readonly unknown[] => [
  KEY,
  useFolder(),
  'of',
  id,
  ...what,
];

export interface CaseActions {
  /** Makes a case and opens it. */
  readonly create: (made: { name: string; reference: string; examiner: string }) => Promise<CaseInfo>;
  /** From now on steps go into this case's log; null: into none. */
  readonly open: (id: string | null) => Promise<void>;
  /** After anything else that changed a case. */
  readonly changed: () => Promise<void>;
}

export function useCaseActions(): CaseActions {
  const queries = useQueryClient();
  return useMemo(() => actionsOf(queries), [queries]);
}

function actionsOf(queries: QueryClient): CaseActions {
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: [KEY] });
  return {
    changed,
    async create(made) {
      const { case: info } = await core.call('case.create', made);
      await changed();
      return info;
    },
    async open(id) {
      await core.call('case.open', { case: id });
      await changed();
    },
  };
}
