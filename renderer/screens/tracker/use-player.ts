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
  /** True: the clock waits, because what it shows next is not there yet. */
  readonly waits?: boolean;
}

/** The longest step of one frame, ms on the wall: a window that was hidden does not leap on. */
const LONGEST_FRAME = 250;
/** Pictures a second: the globe is drawn anew for each. */
const FRAME = 1000 / 30;

/** Another range starts anew. The clock stops by itself at the end of the range. */
export function usePlayer({ from, to, speed: firstSpeed, waits = false }: PlayerChoice): Player {
  const [time, setTime] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(firstSpeed);
  const now = useRef(time);
  now.current = time;

  useEffect(() => {
    setTime(null);
    setPlaying(false);
  }, [from, to]);

  const isRunning = playing && !waits;
  useEffect(() => {
    if (!isRunning) return undefined;
    let last = performance.now();
    let frame = requestAnimationFrame(function step(at) {
      frame = requestAnimationFrame(step);
      if (at - last < FRAME) return;
      const next = (now.current ?? from) + Math.min(LONGEST_FRAME, at - last) * speed;
      last = at;
      now.current = Math.min(to, next);
      setTime(now.current);
      if (next >= to) setPlaying(false);
    });
    return () => cancelAnimationFrame(frame);
  }, [isRunning, speed, from, to]);

  const seek = useCallback((to_: number) => setTime(Math.min(to, Math.max(from, to_))), [from, to]);
  const toggle = useCallback(() => {
    if ((now.current ?? from) >= to) setTime(from);
    setPlaying((is) => !is);
  }, [from, to]);
  return { time, playing, speed, toggle, seek, setSpeed };
}
