/** What lies over the bars: dragging chooses the range, the wheel and the keys zoom, Shift with dragging moves the window. */
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { scaleRange, shiftRange } from '../../state/ranges.ts';
import { changeView } from '../../state/view.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { brushed, pixelAt, plot, timeAt } from './timeline-window.ts';
import css from './explore.module.css';

/** Below it a press is no drag, px. */
const DRAG_START = 3;
/** Share of the window that one turn of a usual wheel (100 px) takes away. */
const WHEEL_PACE = 0.0018;
const STEP = 0.1;

export interface TimelineBrushProps {
  readonly window: TimeRange;
  readonly range: TimeRange | null;
}

interface Drag {
  readonly start: number;
  readonly now: number;
  readonly moves: boolean;
}

export function TimelineBrush({ window, range }: TimelineBrushProps) {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [drag, setDrag] = useState<Drag>();
  const scale = { window, width };
  const latest = useRef(scale);
  latest.current = scale;

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const now = latest.current;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const moved = (event.deltaX / Math.max(1, now.width)) * (now.window.to - now.window.from);
        changeView({ window: shiftRange(now.window, moved) }, 'replace');
        return;
      }
      const centre = timeAt(now, event.clientX - element.getBoundingClientRect().left);
      changeView({ window: scaleRange(now.window, Math.exp(event.deltaY * WHEEL_PACE), centre) }, 'replace');
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const place = (event: PointerEvent) => event.clientX - (host.current?.getBoundingClientRect().left ?? 0);
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const x = place(event);
    setDrag({ start: x, now: x, moves: event.shiftKey });
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!drag) return;
    const x = place(event);
    if (drag.moves) {
      changeView({ window: shiftRange(window, timeAt(scale, drag.now) - timeAt(scale, x)) }, 'replace');
    }
    setDrag({ ...drag, now: x });
  };
  const onPointerUp = () => {
    if (drag && !drag.moves && Math.abs(drag.now - drag.start) >= DRAG_START) {
      const next = brushed(scale, drag.start, drag.now);
      if (next) changeView({ range: next, window });
    }
    setDrag(undefined);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const span = window.to - window.from;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => move(-STEP * span),
      ArrowRight: () => move(STEP * span),
      '+': () => changeView({ window: scaleRange(window, 0.5) }),
      '-': () => changeView({ window: scaleRange(window, 2) }),
      Enter: () => range && changeView({ window: range }),
      ' ': () => changeView({ range: scaleRange(window, 0.5), window }),
      Escape: () => changeView({ range: null }),
    };
    const move = (ms: number) => {
      if (range && !event.shiftKey) changeView({ range: shiftRange(range, ms), window }, 'replace');
      else changeView({ window: shiftRange(window, ms) }, 'replace');
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  };

  const dragging = drag && !drag.moves && Math.abs(drag.now - drag.start) >= DRAG_START;
  const shown = dragging
    ? { left: Math.min(drag.start, drag.now), right: Math.max(drag.start, drag.now) }
    : range && range.from < window.to && range.to > window.from
      ? { left: pixelAt(scale, range.from), right: pixelAt(scale, range.to) }
      : undefined;

  return (
    <div
      ref={host}
      className={css['brush']}
      role="group"
      tabIndex={0}
      aria-label="Choose a time range: drag, or Space for the middle half, arrow keys to move, plus and minus to zoom, Enter to fit, Escape to clear"
      data-testid="timeline-brush"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(undefined)}
      onDoubleClick={() => (range ? changeView({ window: range }) : changeView({ window: null }))}
      onKeyDown={onKeyDown}
    >
      {shown && width > 0 && (
        <>
          <div
            className={css['shade']}
            style={{ left: plot.left, width: Math.max(0, shown.left - plot.left) }}
          />
          <div
            className={css['chosen']}
            style={{ left: shown.left, width: Math.max(1, shown.right - shown.left) }}
          />
          <div
            className={css['shade']}
            style={{ left: shown.right, width: Math.max(0, width - plot.right - shown.right) }}
          />
        </>
      )}
    </div>
  );
}
