/** Pixels of the timeline and moments, one to the other. */
import type { TimeRange } from '../../state/view-url.ts';

/** Space around the bars, px: the labels of the axes stand in it. */
export const plot = { left: 58, right: 16, top: 10, bottom: 24 } as const;

export interface PlotScale {
  readonly window: TimeRange;
  /** Width of the whole chart, px. */
  readonly width: number;
}

const inner = ({ width }: PlotScale): number => Math.max(1, width - plot.left - plot.right);

export function timeAt(scale: PlotScale, x: number): number {
  const share = (x - plot.left) / inner(scale);
  const clamped = Math.min(1, Math.max(0, share));
  return scale.window.from + clamped * (scale.window.to - scale.window.from);
}

export function pixelAt(scale: PlotScale, time: number): number {
  const { from, to } = scale.window;
  const share = Math.min(1, Math.max(0, (time - from) / (to - from)));
  return plot.left + share * inner(scale);
}

/** The range between two places, in whole milliseconds; undefined where they are too near for a millisecond. */
export function brushed(scale: PlotScale, a: number, b: number): TimeRange | undefined {
  const from = Math.floor(timeAt(scale, Math.min(a, b)));
  const to = Math.ceil(timeAt(scale, Math.max(a, b)));
  return to > from ? { from, to } : undefined;
}
