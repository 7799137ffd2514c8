import { describe, expect, it } from 'vitest';
import {
  clampOffset,
  revealRow,
  rowsInView,
  scrolledHeight,
  scrollScale,
} from '../../renderer/parts/row-window.ts';

const small = { rows: 100, rowHeight: 24, viewport: 240 };
const huge = { rows: 10_000_000, rowHeight: 24, viewport: 600 };

describe('the rows that a scrolled table shows', () => {
  it('scrolls a short table px for px', () => {
    expect(scrolledHeight(small)).toBe(2400);
    expect(scrollScale(small)).toBe(1);
    expect(rowsInView(small, 30)).toEqual({ first: 1, end: 12 });
  });

  it('keeps ten million rows below the height that browsers cap', () => {
    expect(scrolledHeight(huge)).toBeLessThan(17_000_000);
  });

  it('reaches the last of ten million rows at the end of the scroll bar', () => {
    const bottom = (scrolledHeight(huge) - huge.viewport) * scrollScale(huge);
    expect(rowsInView(huge, clampOffset(huge, Math.round(bottom)))).toEqual({
      first: 9_999_975,
      end: 10_000_000,
    });
  });

  it('never shows more rows than fit, wherever it stands', () => {
    for (let offset = 0; offset < 240_000_000; offset += 7_654_321) {
      const { first, end } = rowsInView(huge, clampOffset(huge, offset));
      expect(end - first).toBeLessThanOrEqual(26);
      expect(end - first).toBeGreaterThanOrEqual(25);
    }
  });

  it('moves only as far as a row needs to be wholly in view', () => {
    expect(revealRow(small, 100, 6)).toBe(100);
    expect(revealRow(small, 100, 2)).toBe(48);
    expect(revealRow(small, 0, 10)).toBe(24);
    expect(revealRow(small, 0, 99)).toBe(2160);
  });

  it('has no rows in view where there are none', () => {
    expect(rowsInView({ ...small, rows: 0 }, 0)).toEqual({ first: 0, end: 0 });
  });
});
