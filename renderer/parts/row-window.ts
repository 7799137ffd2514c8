/**
 * Which rows a scrolled table shows when it has more of them than a browser can make tall.
 *
 * Browsers cap the height of an element (Chromium at some 33 million px, Firefox at 17), so the scroll bar stands for the
 * rows in proportion: `offset` is the true distance in px from the first row, `scrollTop` what the browser is told. Below
 * the cap both are the same.
 */

/** Well below every browser's cap. */
const MAX_HEIGHT = 8_000_000;

export interface RowGeometry {
  readonly rows: number;
  readonly rowHeight: number;
  /** Height of the part that shows rows, px. */
  readonly viewport: number;
}

/** What the browser is told the rows are tall, px. */
export const scrolledHeight = (g: RowGeometry): number => Math.min(g.rows * g.rowHeight, MAX_HEIGHT);

const longest = (g: RowGeometry): number => Math.max(0, g.rows * g.rowHeight - g.viewport);

/** True px for each px of the scroll bar: 1 for tables below the cap. */
export function scrollScale(g: RowGeometry): number {
  const told = scrolledHeight(g) - g.viewport;
  return told > 0 ? Math.max(1, longest(g) / told) : 1;
}

export const clampOffset = (g: RowGeometry, offset: number): number =>
  Math.min(Math.max(0, offset), longest(g));

/** First row and the row after the last that are at least partly in view at `offset`. */
export function rowsInView(g: RowGeometry, offset: number): { first: number; end: number } {
  const first = Math.floor(offset / g.rowHeight);
  return { first, end: Math.min(g.rows, Math.ceil((offset + g.viewport) / g.rowHeight)) };
}

/** The nearest offset at which `row` is wholly in view. */
export function revealRow(g: RowGeometry, offset: number, row: number): number {
  const top = row * g.rowHeight;
  if (top < offset) return top;
  return top + g.rowHeight > offset + g.viewport ? clampOffset(g, top + g.rowHeight - g.viewport) : offset;
}
