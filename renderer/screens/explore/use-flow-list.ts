/**
 * A sorted list of flows of any length: opened in the core, read page by page, opened anew when the connection was lost.
 *
 * The core holds so many rows of an order, the first ones. Where there are more, a second list with the last ones is
 * opened when somebody scrolls that far; what lies between the two is of no list.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { FlowListOpened, FlowListQuestion, FlowRow, QueryProgress } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { isQuiet } from '../../parts/errors.ts';

const PAGE = 200;
/** Rows of one list in the core: what core/query/list.ts holds at most. */
const LISTED = 5 << 20;
/** Pages that are kept: enough for every way of scrolling, little enough for any table. */
const MAX_PAGES = 60;

export interface FlowList {
  readonly opened: FlowListOpened | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  readonly progress: QueryProgress | undefined;
  readonly rowAt: (index: number) => FlowRow | undefined;
  /** A row between the first and the last that are listed, which cannot be read. */
  readonly isBeyond: (index: number) => boolean;
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
  /** The list of the last rows, from when it is first needed. */
  const tail = useRef<Promise<FlowListOpened>>(undefined);
  const openTail = useRef<() => Promise<FlowListOpened>>(undefined);
  const key = JSON.stringify(question);
  const ready = enabled && link === 'open' && revision !== undefined;

  useEffect(() => {
    if (!ready) return undefined;
    const stop = new AbortController();
    const lists: string[] = [];
    setLoading(true);
    setProgress(undefined);
    const started = useWorkspace.getState().revision;
    const asked = { ...(JSON.parse(key) as FlowListQuestion), limit: LISTED };
    const open = async (question: FlowListQuestion): Promise<FlowListOpened> => {
      const answer = await core.call('flows.open', question, {
        signal: stop.signal,
        onProgress: setProgress,
      });
      if (stop.signal.aborted) void closeList(answer.list);
      else lists.push(answer.list);
      return answer;
    };
    open(asked)
      .then((answer) => {
        if (stop.signal.aborted) return undefined;
        pages.current = noPages();
        tail.current = undefined;
        openTail.current = () => (tail.current ??= open({ ...asked, fromEnd: true }));
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
      for (const list of lists) void closeList(list);
    };
  }, [key, round, ready]);

  const show = useCallback(
    (first: number, end: number) => {
      if (!opened) return;
      const { rows, asked } = pages.current;
      const mine = pages.current;
      for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) {
        if (asked.has(page)) continue;
        asked.add(page);
        readPage(opened, page, openTail.current)
          .then((read) => {
            rows.set(page, read);
            forgetFar(mine, page);
            redraw((n) => n + 1);
          })
          .catch(() => asked.delete(page));
      }
    },
    [opened],
  );

  const rowAt = (index: number) => pages.current.rows.get(Math.floor(index / PAGE))?.[index % PAGE];
  const isBeyond = (index: number) =>
    opened !== undefined && index >= opened.listed && index < opened.total - LISTED;
  const reopen = useCallback(() => setRound((n) => n + 1), []);
  const isOld = openedAt !== undefined && revision !== openedAt && !isLoading;
  return { opened, error, isLoading, progress, rowAt, isBeyond, show, isOld, reopen };
}

/** The rows of a page: of the list of the first rows, of the list of the last, or of both where the page has both. */
async function readPage(
  opened: FlowListOpened,
  page: number,
  openTail: (() => Promise<FlowListOpened>) | undefined,
): Promise<readonly FlowRow[]> {
  const from = page * PAGE;
  const end = Math.min(from + PAGE, opened.total);
  const read = async (list: string, offset: number, limit: number) =>
    limit > 0 ? (await core.call('flows.page', { list, offset, limit })).rows : [];
  const rows = [...(await read(opened.list, from, Math.min(end, opened.listed) - from))];
  if (end <= opened.listed || !openTail) return rows;
  const last = await openTail();
  // Counted from the end: meanwhile more may have been stored.
  const skipped = opened.total - last.listed;
  const first = Math.max(from, opened.listed, skipped);
  for (const [i, row] of (await read(last.list, first - skipped, end - first)).entries()) {
    rows[first - from + i] = row;
  }
  return rows;
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
