/** A sorted list of flows of any length: opened in the core, read page by page, opened anew when the connection was lost. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { FlowListOpened, FlowListQuestion, FlowRow, QueryProgress } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { isQuiet } from '../../parts/errors.ts';

const PAGE = 200;
/** Pages that are kept: enough for every way of scrolling, little enough for any table. */
const MAX_PAGES = 60;

export interface FlowList {
  readonly opened: FlowListOpened | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  readonly progress: QueryProgress | undefined;
  readonly rowAt: (index: number) => FlowRow | undefined;
  /** Reads the pages of these rows. */
  readonly show: (first: number, end: number) => void;
  /** The store has changed since the list was made. */
  readonly isOld: boolean;
  readonly reopen: () => void;
}

interface Pages {
  readonly rows: Map<number, readonly FlowRow[]>;
  readonly asked: Set<number>;
}

const noPages = (): Pages => ({ rows: new Map(), asked: new Set() });

/** Opens the list of `question`; `enabled` false: none yet. While it is made anew the rows before stay. */
export function useFlowList(question: FlowListQuestion, enabled: boolean): FlowList {
  const revision = useWorkspace((workspace) => workspace.revision);
  const link = useWorkspace((workspace) => workspace.link);
  const [round, setRound] = useState(0);
  const [opened, setOpened] = useState<FlowListOpened>();
  const [openedAt, setOpenedAt] = useState<number>();
  const [error, setError] = useState<Error>();
  const [progress, setProgress] = useState<QueryProgress>();
  const [isLoading, setLoading] = useState(true);
  const [, redraw] = useState(0);
  const pages = useRef(noPages());
  const key = JSON.stringify(question);
  const ready = enabled && link === 'open' && revision !== undefined;

  useEffect(() => {
    if (!ready) return undefined;
    const stop = new AbortController();
    let list: string | undefined;
    setLoading(true);
    setProgress(undefined);
    const started = useWorkspace.getState().revision;
    core
      .call('flows.open', JSON.parse(key) as FlowListQuestion, {
        signal: stop.signal,
        onProgress: setProgress,
      })
      .then((answer) => {
        list = answer.list;
        if (stop.signal.aborted) return closeList(list);
        pages.current = noPages();
        setOpened(answer);
        setOpenedAt(started);
        setError(undefined);
        setLoading(false);
        return undefined;
      })
      .catch((cause: unknown) => {
        if (stop.signal.aborted || isQuiet(cause)) return;
        setError(cause instanceof Error ? cause : new Error(String(cause)));
        setLoading(false);
      });
    return () => {
      stop.abort();
      if (list !== undefined) void closeList(list);
    };
  }, [key, round, ready]);

  const list = opened?.list;
  const show = useCallback(
    (first: number, end: number) => {
      if (list === undefined) return;
      const { rows, asked } = pages.current;
      for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) {
        if (asked.has(page)) continue;
        asked.add(page);
        const mine = pages.current;
        core
          .call('flows.page', { list, offset: page * PAGE, limit: PAGE })
          .then((answer) => {
            rows.set(page, answer.rows);
            forgetFar(mine, page);
            redraw((n) => n + 1);
          })
          .catch(() => asked.delete(page));
      }
    },
    [list],
  );

  const rowAt = (index: number) => pages.current.rows.get(Math.floor(index / PAGE))?.[index % PAGE];
  const reopen = useCallback(() => setRound((n) => n + 1), []);
  const isOld = openedAt !== undefined && revision !== openedAt && !isLoading;
  return { opened, error, isLoading, progress, rowAt, show, isOld, reopen };
}

function forgetFar({ rows, asked }: Pages, near: number): void {
  if (rows.size <= MAX_PAGES) return;
  const farthest = [...rows.keys()].reduce((far, page) =>
    Math.abs(page - near) > Math.abs(far - near) ? page : far,
  );
  rows.delete(farthest);
  asked.delete(farthest);
}

/** The core forgets a list by itself when the connection ends. */
async function closeList(list: string): Promise<void> {
  await core.call('flows.close', { list }).catch(() => undefined);
}
