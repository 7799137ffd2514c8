/** A clock that runs through a range of time at a chosen speed: play, pause, scrub. */
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Player {
  /** Epoch ms; null before anybody played or moved it. */
  readonly time: number | null;
  readonly playing: boolean;
  readonly speed: number;
  readonly toggle: () => void;
  readonly seek: (time: number) => void;
  readonly setSpeed: (speed: number) => void;
}

export interface PlayerChoice {
  readonly from: number;
  readonly to: number;
  readonly speed: number;
  /** Where it stands at first, if that is in the range. */
  readonly start: number | null;
  /** Told where it stands, some times a second. */
  readonly onMoved: (time: number) => void;
  /** True: the clock waits, because what it shows next is not there yet. */
  readonly waits?: boolean;
}

/** Pictures a second: the globe is drawn anew for each. */
const FRAME = 1000 / 30;
const TOLD = 400;

/** In another range that its time is not in it starts anew. The clock stops by itself at the end of the range. */
export function usePlayer(choice: PlayerChoice): Player {
  const { from, to, speed: firstSpeed, waits = false } = choice;
  const [time, setTime] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(firstSpeed);
  /** The clock itself; what is shown follows it. */
  const now = useRef<number | null>(null);
  const latest = useRef(choice);
  latest.current = choice;
  const telling = useRef<ReturnType<typeof setTimeout>>(undefined);

  const move = useCallback((next: number | null) => {
    now.current = next;
    setTime(next);
    if (next === null) return;
    telling.current ??= setTimeout(() => {
      telling.current = undefined;
      if (now.current !== null) latest.current.onMoved(now.current);
    }, TOLD);
  }, []);
  useEffect(() => () => clearTimeout(telling.current), []);

  useEffect(() => {
    const isIn = (at: number | null): boolean => at !== null && at >= from && at <= to;
    if (isIn(now.current)) return;
    const { start } = latest.current;
    move(isIn(start) ? start : null);
    setPlaying(false);
  }, [from, to, move]);

  const isRunning = playing && !waits;
  useEffect(() => {
    if (!isRunning) return undefined;
    let last = performance.now();
    // A window that was hidden goes on where it was: only time in which the clock could be seen counts.
    const onVisible = () => (last = performance.now());
    document.addEventListener('visibilitychange', onVisible);
    let frame = requestAnimationFrame(function step(at) {
      frame = requestAnimationFrame(step);
      if (at - last < FRAME) return;
      const next = (now.current ?? from) + (at - last) * speed;
      last = at;
      move(Math.min(to, next));
      if (next >= to) setPlaying(false);
    });
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [isRunning, speed, from, to, move]);

  const seek = useCallback((at: number) => move(Math.min(to, Math.max(from, at))), [from, to, move]);
  const toggle = useCallback(() => {
    if ((now.current ?? from) >= to) move(from);
    setPlaying((is) => !is);
  }, [from, to, move]);
  return { time, playing, speed, toggle, seek, setSpeed };
}
