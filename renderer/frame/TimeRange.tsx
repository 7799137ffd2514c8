/** The time range that every panel follows: presets from the end of what is stored, typed times, zoom. UTC. */
import { Button, Group, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { IconCalendarTime, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { epochMs, formatTime, parseTime } from '../../core/model/time.ts';
import { useStoredRange } from '../link/workspace.ts';
import { formatRange, formatSpan, localTime } from '../parts/format.ts';
import { KeyHint } from '../parts/KeyHint.tsx';
import { scaleRange } from '../state/ranges.ts';
import { goToRange, useView } from '../state/view.ts';
import type { TimeRange as Range } from '../state/view-url.ts';
import css from './time-range.module.css';

const MINUTE = 60_000;
const presets: readonly (readonly [string, number])[] = [
  ['Last minute', MINUTE],
  ['Last 15 minutes', 15 * MINUTE],
  ['Last hour', 60 * MINUTE],
  ['Last 6 hours', 360 * MINUTE],
  ['Last day', 1440 * MINUTE],
  ['Last 7 days', 7 * 1440 * MINUTE],
  ['Last 30 days', 30 * 1440 * MINUTE],
];

export function TimeRange() {
  const range = useView((view) => view.range);
  const stored = useStoredRange();
  const [opened, setOpened] = useState(false);
  const shown = range ?? stored;
  const choose = (next: Range | null) => {
    goToRange(next);
    setOpened(false);
  };
  return (
    <Group gap={2} wrap="nowrap" className={css['group']}>
      <UnstyledButton
        className={css['step']}
        aria-label="Zoom the time range in"
        title="Zoom in ( + )"
        disabled={!shown}
        onClick={() => shown && goToRange(scaleRange(shown, 0.5))}
      >
        <IconZoomIn size={15} aria-hidden />
      </UnstyledButton>
      <UnstyledButton
        className={css['step']}
        aria-label="Zoom the time range out"
        title="Zoom out ( - )"
        disabled={!shown}
        onClick={() => shown && goToRange(scaleRange(shown, 2))}
      >
        <IconZoomOut size={15} aria-hidden />
      </UnstyledButton>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <UnstyledButton
            className={css['target']}
            data-testid="time-range"
            title={shown ? `${localTime(shown.from)} – ${localTime(shown.to)}` : undefined}
            onClick={() => setOpened(!opened)}
          >
            <IconCalendarTime size={15} aria-hidden />
            <span className="visually-hidden">Time range</span>
            <span className={css['range']}>
              {range
                ? formatRange(range.from, range.to)
                : stored
                  ? `All · ${formatRange(stored.from, stored.to)}`
                  : 'All time'}
            </span>
            <span className={css['zone']}>UTC</span>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown className={css['dropdown']}>
          <div className={css['presets']} role="group" aria-label="Presets">
            <UnstyledButton
              className={css['preset']}
              data-current={range === null}
              onClick={() => choose(null)}
            >
              All that is stored <KeyHint keys={['a']} />
            </UnstyledButton>
            {stored &&
              presets
                .filter(([, span]) => span < stored.to - stored.from)
                .map(([name, span]) => (
                  <UnstyledButton
                    key={name}
                    className={css['preset']}
                    title="Counted back from the last stored flow"
                    onClick={() => choose({ from: stored.to - span, to: stored.to })}
                  >
                    {name}
                  </UnstyledButton>
                ))}
          </div>
          <TypedRange key={`${shown?.from}-${shown?.to}`} shown={shown} onChoose={choose} />
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}

interface TypedRangeProps {
  readonly shown: Range | null;
  readonly onChoose: (range: Range) => void;
}

function TypedRange({ shown, onChoose }: TypedRangeProps) {
  const [from, setFrom] = useState(shown ? formatTime(epochMs(shown.from)) : '');
  const [to, setTo] = useState(shown ? formatTime(epochMs(shown.to)) : '');
  const start = parseTime(from);
  const end = parseTime(to);
  const wrong = 'Write 2026-11-20T14:05:00Z, or epoch milliseconds.';
  const order =
    start !== undefined && end !== undefined && start >= end ? 'The end must lie after the start.' : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (start !== undefined && end !== undefined && start < end) onChoose({ from: start, to: end });
  };
  return (
    <form className={css['typed']} onSubmit={submit}>
      <TextInput
        label="From (UTC)"
        value={from}
        error={start === undefined && from !== '' ? wrong : null}
        onChange={(event) => setFrom(event.currentTarget.value)}
        classNames={{ input: 'mono' }}
        data-autofocus
      />
      <TextInput
        label="To (UTC), not included"
        value={to}
        error={end === undefined && to !== '' ? wrong : order}
        onChange={(event) => setTo(event.currentTarget.value)}
        classNames={{ input: 'mono' }}
      />
      <span className="dim">
        {start !== undefined && end !== undefined && start < end ? formatSpan(end - start) : ' '}
      </span>
      <Button type="submit" disabled={start === undefined || end === undefined || start >= end}>
        Apply
      </Button>
    </form>
  );
}
