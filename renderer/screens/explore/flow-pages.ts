/** The rows of the flow table, read from the core page by page. */
import type { FlowListOpened, FlowRow } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { needOf, PAGE } from './list-need.ts';

/** Pages that are kept: enough for every way of scrolling, little enough for any table. */
const MAX_PAGES = 60;

export interface Pages {
  readonly rows: Map<number, readonly FlowRow[]>;
  readonly asked: Set<number>;
}

export const noPages = (): Pages => ({ rows: new Map(), asked: new Set() });

/** Opens the list of the last rows, with at least so many of them, once. */
export type OpenTail = (rows: number) => Promise<FlowListOpened>;

/** The rows of a page: of the list of the first rows, of the list of the last, or of both where the page has both. */
export async function readPage(
  opened: FlowListOpened,
  page: number,
  openTail: OpenTail | undefined,
): Promise<readonly FlowRow[]> {
  const from = page * PAGE;
  const end = Math.min(from + PAGE, opened.total);
  const need = needOf(page, opened);
  const read = async (list: string, offset: number, limit: number) =>
    limit > 0 ? (await core.call('flows.page', { list, offset, limit })).rows : [];
  const rows = [...(await read(opened.list, from, Math.min(end, opened.listed) - from))];
  if (typeof need !== 'object' || need === null || !openTail) return rows;
  const last = await openTail(need.tail);
  // Counted from the end: meanwhile more may have been stored.
  const skipped = opened.total - last.listed;
  const first = Math.max(from, opened.listed, skipped);
  for (const [i, row] of (await read(last.list, first - skipped, end - first)).entries()) {
    rows[first - from + i] = row;
  }
  return rows;
}

/** Lets go of the page that is farthest from the one just read, where there are many. */
export function forgetFar({ rows, asked }: Pages, near: number): void {
  if (rows.size <= MAX_PAGES) return;
  const farthest = [...rows.keys()].reduce((far, page) =>
    Math.abs(page - near) > Math.abs(far - near) ? page : far,
  );
  rows.delete(farthest);
  asked.delete(farthest);
}

/** The core forgets a list by itself when the connection ends. */
export async function closeList(list: string): Promise<void> {
  await core.call('flows.close', { list }).catch(() => undefined);
}
