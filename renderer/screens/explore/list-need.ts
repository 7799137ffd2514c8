/**
 * Which of the core's lists a page of the flow table is read from.
 *
 * A short list of the first rows, or of the last, is soon made; a long one is opened when somebody scrolls beyond it. The
 * core holds so many rows of an order, the first ones or the last ones. Where there are more, both are opened, and what
 * lies between the two is of no list.
 */
import type { FlowListOpened } from '../../../core/model/query.ts';

export const PAGE = 200;
/** Rows of the lists that are made first. */
export const SHORT = 5 * PAGE;
/** Rows of one list in the core: what core/query/list.ts holds at most. */
export const LISTED = 5 << 20;
/**
 * What has to be open before the page can be read: the list of the first rows as it is, a longer one, a list of so many of
 * the last rows; null: the page is of no list.
 */
export function needOf(
  page: number,
  { total, listed }: Pick<FlowListOpened, 'total' | 'listed'>,
): 'head' | 'longer head' | { readonly tail: number } | null {
  const from = page * PAGE;
  const end = Math.min(from + PAGE, total);
  if (end <= listed) return 'head';
  if (from >= total - SHORT) return { tail: SHORT };
  if (from < LISTED && listed < Math.min(total, LISTED)) return 'longer head';
  return end > total - LISTED ? { tail: LISTED } : from < listed ? 'head' : null;
}
