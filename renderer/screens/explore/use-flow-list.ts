/**
 * A sorted list of flows of any length: opened in the core, read page by page, opened anew when the connection was lost.
 *
 * A short list of the first rows is soon made; a long one is opened when somebody scrolls beyond it.
 * The core holds so many rows of an order, the first ones. Where there are more, a second list with the last ones is
 * opened when somebody scrolls that far; what lies between the two is of no list.
 */
import { startTransition, useCallback, useEffect, useRef, useState } from 'react';
import type { FlowListOpened, FlowListQuestion, FlowRow } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { useRevisionOf } from '../../link/use-call.ts';
import { pace, useWorkspace } from '../../link/workspace.ts';
import { isQuiet } from '../../parts/errors.ts';

const PAGE = 200;
/** Rows of the list that is made first. */
const FIRST = 5 * PAGE;
/** Rows of one list in the core: what core/query/list.ts holds at most. */
const LISTED = 5 << 20;
/** Pages that are kept: enough for every way of scrolling, little enough for any table. */
const MAX_PAGES = 60;

export interface FlowList {
  readonly opened: FlowListOpened | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** The rows are those of another question. */
  readonly isStale: boolean;
  readonly rowAt: (index: number) => FlowRow | undefined;
  /** A row between the first and the last that are listed, which cannot be read. */
  readonly isBeyond: (index: number) => boolean;
  /** Reads the pages of these rows. */
  readonly show: (first: number, end: number) => void;
  /** The store has changed since the list was made. */
  readonly isOld: boolean;
  readonly reopen: () => void;
  /** The same, where the first rows are looked at: those alone are put in order. */
  readonly follow: () => void;
}

interface Pages {
  readonly rows: Map<number, readonly FlowRow[]>;
  readonly asked: Set<number>;
}

const noPages = (): Pages => ({ rows: new Map(), asked: new Set() });

/** Opens the list of `question`; `enabled` false: none yet. While it is made anew the rows before stay. */
export function useFlowList(question: FlowListQuestion, enabled: boolean): FlowList {
  const revision = useRevisionOf('flows.open', question);
  const link = useWorkspace((workspace) => workspace.link);
  const [round, setRound] = useState(0);
  /** The question whose long list is wanted. */
  const [wholeOf, setWholeOf] = useState<string>();
  const [opened, setOpened] = useState<FlowListOpened>();
  const [openedFor, setOpenedFor] = useState<{
    readonly key: string;
    readonly revision: number | undefined;
  }>();
  const [error, setError] = useState<Error>();
  const [isLoading, setLoading] = useState(true);
  const [, redraw] = useState(0);
  const pages = useRef(noPages());
  /** The rows that are looked at. */
  const inView = useRef({ first: 0, end: 1 });
  const openedKey = useRef<string>(undefined);
  const asking = useRef(revision);
  asking.current = revision;
  /** The list of the last rows, from when it is first needed. */
  const tail = useRef<Promise<FlowListOpened>>(undefined);
  const openTail = useRef<() => Promise<FlowListOpened>>(undefined);
  const key = JSON.stringify(question);
  const isWhole = wholeOf === key;
  const ready = enabled && link === 'open' && revision !== undefined;

  useEffect(() => {
    if (!ready) return undefined;
    const stop = new AbortController();
    const lists: string[] = [];
    const started = asking.current;
    setLoading(true);
    const asked = { ...(JSON.parse(key) as FlowListQuestion), limit: isWhole ? LISTED : FIRST };
    const open = async (question: FlowListQuestion): Promise<FlowListOpened> => {
      const done = pace.ask();
      const answer = await core.call('flows.open', question, { signal: stop.signal }).finally(done);
      if (stop.signal.aborted) void closeList(answer.list);
      else lists.push(answer.list);
      return answer;
    };
    open(asked)
      .then(async (answer) => {
        const isNew = openedKey.current !== key;
        const next = noPages();
        const { first, end } = isNew ? { first: 0, end: 1 } : inView.current;
        // What is looked at is there before the rows of the list before go.
        for (let page = Math.floor(first / PAGE); page * PAGE < Math.min(end, answer.listed); page++) {
          next.asked.add(page);
          next.rows.set(page, await readPage(answer, page, undefined));
        }
        if (stop.signal.aborted) return;
        pages.current = next;
        tail.current = undefined;
        openTail.current = () => (tail.current ??= open({ ...asked, fromEnd: true }));
        openedKey.current = key;
        startTransition(() => {
          setOpened(answer);
          setOpenedFor({ key, revision: started });
          setError(undefined);
          setLoading(false);
        });
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
  }, [key, round, ready, isWhole]);

  const show = useCallback(
    (first: number, end: number) => {
      inView.current = { first, end };
      if (!opened) return;
      const { rows, asked } = pages.current;
      const mine = pages.current;
      const known = opened.listed < Math.min(opened.total, LISTED) ? opened.listed : opened.total;
      if (end > known && openedKey.current === key) setWholeOf(key);
      for (let page = Math.floor(first / PAGE); page * PAGE < Math.min(end, known); page++) {
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
    [opened, key],
  );

  const rowAt = (index: number) => pages.current.rows.get(Math.floor(index / PAGE))?.[index % PAGE];
  const isBeyond = (index: number) =>
    opened !== undefined && index >= Math.max(opened.listed, LISTED) && index < opened.total - LISTED;
  const reopen = useCallback(() => setRound((n) => n + 1), []);
  const follow = useCallback(() => {
    setWholeOf(undefined);
    setRound((n) => n + 1);
  }, []);
  const isOld = openedFor !== undefined && revision !== openedFor.revision && !isLoading;
  const isStale = openedFor !== undefined && openedFor.key !== key;
  return { opened, error, isLoading, isStale, rowAt, isBeyond, show, isOld, reopen, follow };
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
