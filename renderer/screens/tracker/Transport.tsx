/** Play, pause, speed and the clock. The keys work on the whole screen outside text fields and buttons. */
import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { formatClock, formatDay, localTime } from '../../parts/format.ts';
import type { Player } from './use-player.ts';
import css from './tracker.module.css';

export interface TransportProps {
  readonly player: Player;
  readonly speeds: readonly number[];
  /** Shown before the play head was moved. */
  readonly start: number;
  readonly label: string;
  readonly children?: ReactNode;
}

export function Transport({ player, speeds, start, label, children }: TransportProps) {
  const { playing, speed, toggle, setSpeed } = player;
  const time = player.time ?? start;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isControl(event.target))
        return;
      const at = speeds.indexOf(speed);
      const slower = speeds[at - 1];
      const faster = speeds[at + 1];
      if (event.key === ' ') toggle();
      else if (event.key === ',' && slower !== undefined) setSpeed(slower);
      else if (event.key === '.' && faster !== undefined) setSpeed(faster);
      else return;
      event.preventDefault();
    };
    globalThis.addEventListener('keydown', onKeyDown);
    return () => globalThis.removeEventListener('keydown', onKeyDown);
  }, [speeds, speed, toggle, setSpeed]);
  return (
    <div className={css['transport']}>
      <ActionIcon
        variant="filled"
        size="md"
        radius="xl"
        className={css['play']}
        aria-label={playing ? `Pause ${label}` : `Play ${label}`}
        aria-keyshortcuts="Space"
        onClick={toggle}
      >
        {playing ? <IconPlayerPauseFilled size={14} /> : <IconPlayerPlayFilled size={14} />}
      </ActionIcon>
      <span className={`mono ${css['clock']}`} data-testid="play-clock" title={localTime(time)}>
        <span className="dim">{formatDay(time)}</span> {formatClock(time)}
      </span>
      <SegmentedControl
        size="xs"
        aria-label="Speed"
        value={String(speed)}
        onChange={(value) => setSpeed(Number(value))}
        data={speeds.map((value) => ({ value: String(value), label: `${value}×` }))}
      />
      <span className={css['keys']}>
        <KeyHint keys={['Space']} /> plays · <KeyHint keys={[',']} /> <KeyHint keys={['.']} /> speed
      </span>
      <span className={css['spring']} />
      {children}
    </div>
  );
}

const isControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName));
