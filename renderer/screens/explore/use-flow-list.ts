/** A sorted list of flows of any length: opened in the core, read page by page, opened anew when the connection was lost. */
import { startTransition, useCallback, useEffect, useRef, useState } from 'react';
import type { FlowListOpened, FlowListQuestion, FlowRow, QueryProgress } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { useRevisionOf } from '../../link/use-call.ts';
import { pace, useWorkspace } from '../../link/workspace.ts';
import { isQuiet } from '../../parts/errors.ts';
import { closeList, forgetFar, noPages, readPage, type OpenTail } from './flow-pages.ts';
import { LISTED, needOf, PAGE, SHORT } from './list-need.ts';

/** A list that takes longer than this is told of, ms. */
const PATIENCE = 400;
/** A list that the core gave up is asked for again after so long, ms. */
const PAUSE = 500;

export interface FlowList {
  readonly opened: FlowListOpened | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** The rows are those of another question. */
  readonly isStale: boolean;
  /** While rows are put in order, and it takes its time: how far it is, 0 to 1. */
  readonly sorting: number | undefined;
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
  const [sorting, setSorting] = useState<number>();
  const [, redraw] = useState(0);
  const pages = useRef(noPages());
  /** The rows that are looked at. */
  const inView = useRef({ first: 0, end: 1 });
  const openedKey = useRef<string>(undefined);
  const asking = useRef(revision);
  asking.current = revision;
  const openTail = useRef<OpenTail>(undefined);
  /** False while the lists that are shown are closed, and others on their way. */
  const isLive = useRef(false);
  const key = JSON.stringify(question);
  const isWhole = wholeOf === key;
  const ready = enabled && link === 'open' && revision !== undefined;

  const fail = useCallback((cause: unknown) => {
    setError(cause instanceof Error ? cause : new Error(String(cause)));
    setLoading(false);
  }, []);

  useEffect(() => {
    if (!ready) return undefined;
    const stop = new AbortController();
    const lists: string[] = [];
    const started = asking.current;
    let again: ReturnType<typeof setTimeout> | undefined;
    setLoading(true);
    const asked = { ...(JSON.parse(key) as FlowListQuestion), limit: isWhole ? LISTED : SHORT };
    const open = async (question: FlowListQuestion): Promise<FlowListOpened> => {
      const done = pace.ask();
      const began = performance.now();
      const onProgress = ({ segmentsDone, segments }: QueryProgress) => {
        const isLong = performance.now() - began > PATIENCE && !stop.signal.aborted;
        if (isLong && segments > 0) setSorting(segmentsDone / segments);
      };
      try {
        const answer = await core.call('flows.open', question, { signal: stop.signal, onProgress });
        if (stop.signal.aborted) void closeList(answer.list);
        else lists.push(answer.list);
        return answer;
      } finally {
        done();
        if (!stop.signal.aborted) setSorting(undefined);
      }
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
        let tail: { readonly rows: number; readonly list: Promise<FlowListOpened> } | undefined;
        openTail.current = (rows) => {
          if (!tail || tail.rows < rows)
            tail = { rows, list: open({ ...asked, limit: rows, fromEnd: true }) };
          return tail.list;
        };
        openedKey.current = key;
        isLive.current = true;
        startTransition(() => {
          setOpened(answer);
          setOpenedFor({ key, revision: started });
          setError(undefined);
          setLoading(false);
        });
      })
      .catch((cause: unknown) => {
        if (stop.signal.aborted) return;
        // Nobody here gave it up: the connection was lost, or the store was exchanged meanwhile.
        if (isQuiet(cause)) again = setTimeout(() => setRound((n) => n + 1), PAUSE);
        else fail(cause);
      });
    return () => {
      stop.abort();
      clearTimeout(again);
      isLive.current = false;
      setSorting(undefined);
      for (const list of lists) void closeList(list);
    };
  }, [key, round, ready, isWhole, fail]);

  const show = useCallback(
    (first: number, end: number) => {
      inView.current = { first, end };
      if (!opened) return;
      const mine = pages.current;
      const { rows, asked } = mine;
      for (let page = Math.floor(first / PAGE); page * PAGE < Math.min(end, opened.total); page++) {
        const need = needOf(page, opened);
        if (need === 'longer head' && openedKey.current === key) setWholeOf(key);
        if (need === null || need === 'longer head' || asked.has(page)) continue;
        asked.add(page);
        readPage(opened, page, openTail.current)
          .then((read) => {
            rows.set(page, read);
            forgetFar(mine, page);
            redraw((n) => n + 1);
          })
          .catch((cause: unknown) => {
            asked.delete(page);
            if (pages.current === mine && isLive.current && !isQuiet(cause)) fail(cause);
          });
      }
    },
    [opened, key, fail],
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
  return { opened, error, isLoading, isStale, sorting, rowAt, isBeyond, show, isOld, reopen, follow };
}
