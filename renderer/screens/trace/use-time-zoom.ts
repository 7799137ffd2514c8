/** Zooming a drawing in time: by wheel, by dragging, by keys. */
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

type Span = readonly [from: number, to: number];

/** ms: below it there is nothing to see in flow records. */
const SHORTEST = 200;
const DRAG_MIN = 5;

export interface TimeZoom {
  readonly range: Span;
  readonly isZoomed: boolean;
  /** Where it is dragged now, px. */
  readonly dragged: Span | undefined;
  readonly reset: () => void;
  readonly handlers: {
    readonly ref: (element: SVGSVGElement | null) => void;
    readonly onPointerDown: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onPointerMove: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onPointerUp: (event: PointerEvent<SVGSVGElement>) => void;
    readonly onDoubleClick: () => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** `extent`: all there is. The drawing is `width` px wide from `left`. */
export function useTimeZoom(extent: Span | undefined, width: number, left: number): TimeZoom {
  const whole: Span = extent ? pad(extent) : [0, 1];
  const key = whole.join(' ');
  const [zoomed, setZoomed] = useState<{ key: string; range: Span }>();
  const [start, setStart] = useState<number>();
  const [dragged, setDragged] = useState<Span>();
  const range = zoomed?.key === key ? zoomed.range : whole;
  const show = (from: number, to: number) => {
    const span = Math.min(whole[1] - whole[0], Math.max(SHORTEST, to - from));
    const begin = Math.min(Math.max(whole[0], from), whole[1] - span);
    setZoomed(span >= whole[1] - whole[0] ? undefined : { key, range: [begin, begin + span] });
  };
  const timeAt = (px: number) => range[0] + ((px - left) / width) * (range[1] - range[0]);
  const scale = (factor: number, centre: number) =>
    show(centre - (centre - range[0]) * factor, centre + (range[1] - centre) * factor);

  const wheel = useRef<(event: WheelEvent) => void>(undefined);
  wheel.current = (event) => {
    if (event.ctrlKey || event.deltaY === 0 || event.shiftKey) return;
    event.preventDefault();
    const box = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
    scale(event.deltaY < 0 ? 0.8 : 1.25, timeAt(event.clientX - box.left));
  };
  const element = useRef<SVGSVGElement>(null);
  const ref = useCallback((svg: SVGSVGElement | null) => {
    const turn = listener.current;
    element.current?.removeEventListener('wheel', turn);
    element.current = svg;
    svg?.addEventListener('wheel', turn, { passive: false });
  }, []);
  const listener = useRef((event: WheelEvent) => wheel.current?.(event));
  useEffect(() => () => element.current?.removeEventListener('wheel', listener.current), []);

  const place = (event: PointerEvent<SVGSVGElement>) =>
    Math.min(Math.max(left, event.clientX - event.currentTarget.getBoundingClientRect().left), left + width);
  const onKeyDown = (event: KeyboardEvent) => {
    const span = range[1] - range[0];
    const centre = (range[0] + range[1]) / 2;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => show(range[0] - span / 5, range[1] - span / 5),
      ArrowRight: () => show(range[0] + span / 5, range[1] + span / 5),
      '+': () => scale(0.5, centre),
      '-': () => scale(2, centre),
      '0': () => setZoomed(undefined),
    };
    const act = actions[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  };
  return {
    range,
    isZoomed: zoomed?.key === key,
    dragged,
    reset: () => setZoomed(undefined),
    handlers: {
      ref,
      onPointerDown: (event) => event.button === 0 && setStart(place(event)),
      onPointerMove: (event) => {
        if (start === undefined) return;
        const at = place(event);
        if (Math.abs(at - start) >= DRAG_MIN) setDragged([Math.min(start, at), Math.max(start, at)]);
      },
      onPointerUp: () => {
        if (dragged) show(timeAt(dragged[0]), timeAt(dragged[1]));
        setStart(undefined);
        setDragged(undefined);
      },
      onDoubleClick: () => setZoomed(undefined),
      onKeyDown,
    },
  };
}

const pad = ([from, to]: Span): Span => [from - (to - from) * 0.01, to + (to - from) * 0.01];

const STEPS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
];

/** Round moments, at most seven. */
export function ticksOf(from: number, to: number): number[] {
  const step = STEPS.find((one) => (to - from) / one <= 7) ?? 86_400_000;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}
