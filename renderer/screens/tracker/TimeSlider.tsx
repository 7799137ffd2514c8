/** A strip of time with a play head on it: dragged, clicked, or moved by arrow keys. */
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { formatClock, formatStamp } from '../../parts/format.ts';
import css from './tracker.module.css';

export interface TimeSliderProps {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly time: number | null;
  readonly onSeek: (time: number) => void;
  /** What lies under the play head, drawn over the whole width. */
  readonly children: ReactNode;
}

/** Steps of the arrow keys, shares of the whole. */
const STEP = 0.01;
const LEAP = 0.1;

export function TimeSlider({ label, from, to, time, onSeek, children }: TimeSliderProps) {
  const span = Math.max(1, to - from);
  const at = time ?? from;
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: at - span * STEP,
      ArrowRight: at + span * STEP,
      PageDown: at - span * LEAP,
      PageUp: at + span * LEAP,
      Home: from,
      End: to,
    };
    const next = steps[event.key];
    if (next === undefined || event.altKey) return;
    event.preventDefault();
    onSeek(next);
  };
  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
    onSeek(from + ((event.clientX - box.left) / box.width) * span);
  };
  return (
    <div className={css['strip']}>
      <div className={`mono ${css['ticks']}`} aria-hidden>
        <span>{formatClock(from).slice(0, 8)}</span>
        <span>{formatClock(from + span / 2).slice(0, 8)}</span>
        <span>{formatClock(to).slice(0, 8)}</span>
      </div>
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={from}
        aria-valuemax={to}
        aria-valuenow={at}
        aria-valuetext={formatStamp(at)}
        className={css['slider']}
        onKeyDown={onKeyDown}
        onPointerDown={onPointer}
        onPointerMove={onPointer}
      >
        {children}
        <span className={css['head']} style={{ left: `${(100 * (at - from)) / span}%` }} aria-hidden />
      </div>
    </div>
  );
}
