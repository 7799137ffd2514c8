/** When: flows, packets or bytes per bucket. The wheel zooms, dragging chooses the range that every panel follows. */
import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useRef } from 'react';
import { epochMs } from '../../../core/model/time.ts';
import { useCall } from '../../link/use-call.ts';
import { useStoredRange } from '../../link/workspace.ts';
import { AnswerBadges } from '../../parts/AnswerBadges.tsx';
import { Chart } from '../../parts/Chart.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatMeasure, formatRange, formatSpan } from '../../parts/format.ts';
import { windowOf } from '../../state/ranges.ts';
import { changeView, useView } from '../../state/view.ts';
import { darkPalette, lightPalette } from '../../theme/palette.ts';
import { keyLabel, protocolField, splits } from './fields.ts';
import { TimelineBrush } from './TimelineBrush.tsx';
import { TimelineLoss } from './TimelineLoss.tsx';
import { seriesColour, timelineOption } from './timeline-option.ts';
import css from './explore.module.css';

const MAX_BUCKETS = 180;
const SPLIT_LIMIT = 6;
/** While the wheel turns, the bars of the window before are drawn; the core is asked when it rests, ms. */
const WHEEL_REST = 120;

export function Timeline() {
  const { filter, range, window: chosen, measure, split } = useView();
  const stored = useStoredRange();
  const { colorScheme } = useMantineColorScheme();
  const palette = colorScheme === 'light' ? lightPalette : darkPalette;
  const from = windowOf(chosen, range, stored)?.from ?? 0;
  const to = windowOf(chosen, range, stored)?.to ?? 1;
  const window = useMemo(() => ({ from, to }), [from, to]);
  const [rested] = useDebouncedValue(chosen, WHEEL_REST);
  const latest = useRef(window);
  if (rested === chosen) latest.current = window;
  const asked = latest.current;
  const field = splits.find(({ counted }) => counted.field === split)?.counted ?? protocolField;

  const { data, error, isLoading, isPartial, retry } = useCall(
    'query.series',
    {
      from: epochMs(asked.from),
      to: epochMs(asked.to),
      ...(filter === '' ? {} : { filter }),
      by: measure,
      split: field.field,
      splitLimit: SPLIT_LIMIT,
      maxBuckets: MAX_BUCKETS,
    },
    { enabled: stored !== null },
  );
  const option = useMemo(
    () =>
      data && timelineOption({ answer: data, window, palette, split, label: (key) => keyLabel(field, key) }),
    [data, window, palette, split, field],
  );
  const total = data?.lines.reduce((sum, line) => sum + line.values.reduce((a, b) => a + b, 0), 0) ?? 0;
  const counted = measure === 'bytes' ? 'Bytes' : measure === 'packets' ? 'Packets' : 'Flows';
  // Where no flow is, the answer has no bucket that suits the window.
  const hasBuckets = data !== undefined && (to - from) / data.bucketMs <= 2 * MAX_BUCKETS;
  const title = hasBuckets ? `${counted} per ${formatSpan(data.bucketMs)}` : `${counted} over time`;

  return (
    <Panel
      title={title}
      label="Timeline"
      flush
      tools={
        <>
          {isPartial && <span>so far</span>}
          {data && <AnswerBadges notes={data} />}
          <Legend
            lines={data?.lines.map(({ key }) => ({
              key,
              label: keyLabel(field, key),
              colour: seriesColour(palette, split, key),
            }))}
          />
          <SegmentedControl
            aria-label="What is counted"
            data={['flows', 'packets', 'bytes']}
            value={measure}
            onChange={(value) => changeView({ measure: value })}
          />
          <SegmentedControl
            aria-label="What it is split by"
            data={splits.map(({ label, counted }) => ({ label, value: counted.field }))}
            value={field.field}
            onChange={(value) => changeView({ split: value })}
          />
        </>
      }
    >
      {stored === null ? (
        <EmptyNote title="Nothing to draw yet.">When there was how much traffic stands here.</EmptyNote>
      ) : error ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : isLoading || !option ? (
        <LoadingNote lines={4} />
      ) : (
        <div className={css['timeline']} data-window={`${from}-${to}`}>
          <Chart
            option={option}
            label={`${title}, ${formatRange(from, to)} UTC: ${formatMeasure(total, measure)} ${measure === 'bytes' ? '' : measure} in all.`}
          />
          <TimelineBrush window={window} range={range} />
          <TimelineLoss window={window} />
          {total === 0 && <div className={css['nothing']}>Nothing in this window matches.</div>}
        </div>
      )}
    </Panel>
  );
}

interface LegendProps {
  readonly lines:
    readonly { readonly key: string; readonly label: string; readonly colour: string }[] | undefined;
}

function Legend({ lines = [] }: LegendProps) {
  return (
    <ul className={css['legend']} aria-label="Colours">
      {lines.map(({ key, label, colour }) => (
        <li key={key}>
          <i style={{ background: colour }} aria-hidden /> {label}
        </li>
      ))}
    </ul>
  );
}
