/** Flows as they come in: an arc a pair of places, which fades after its last flow. */
import { Button } from '@mantine/core';
import { useReducedMotion, useThrottledValue } from '@mantine/hooks';
import { memo, useMemo } from 'react';
import { useWorkspace } from '../../link/workspace.ts';
import { EmptyNote, ErrorNote } from '../../parts/Panel.tsx';
import { formatCount } from '../../parts/format.ts';
import { globeColours } from '../../parts/globe/globe-colours.ts';
import type { GlobePulse } from '../../parts/globe/globe-marks.ts';
import { useSettings } from '../../state/settings.ts';
import { changeView } from '../../state/view.ts';
import type { OffGlobeItem } from './OffGlobe.tsx';
import { PairList, useChosenPair, type ChosenPair } from './PairList.tsx';
import { TrackerFrame } from './TrackerFrame.tsx';
import type { TrackerState } from './tracker-state.ts';
import { trafficMarks } from './traffic-marks.ts';
import type { Traffic, TrafficArc } from './traffic.ts';
import { AFTERGLOW, useLiveTraffic, type LiveTraffic } from './use-live-traffic.ts';
import css from './tracker.module.css';

/** A place flashes so long after a flow, ms. */
const FLASH = 1000;
/** Numbers that change more often cannot be read, ms. */
const LIST_PACE = 400;

export function LiveMode({ state }: { readonly state: TrackerState }) {
  const collector = useWorkspace((workspace) => workspace.status?.collector ?? null);
  const live = useLiveTraffic(collector !== null);
  const { traffic, now } = live;
  const told = useThrottledValue(live, LIST_PACE);
  const { palette } = globeColours(useSettings((settings) => settings.scheme));
  const still = useReducedMotion();
  const chosen = useChosenPair();
  const marks = useMemo(() => {
    const shine = ({ at }: TrafficArc): number => Math.max(0.08, 1 - (now - at) / AFTERGLOW);
    const drawn = trafficMarks(traffic.arcs, shine, palette, chosen.key);
    if (still) return drawn;
    const pulses = traffic.arcs.flatMap((arc, i): GlobePulse[] => {
      const end = drawn.lines[i]?.path.at(-1);
      return end && now - arc.at < FLASH ? [{ position: end, colour: palette.ink }] : [];
    });
    return { ...drawn, pulses };
  }, [traffic, now, palette, still, chosen.key]);
  return (
    <TrackerFrame
      state={state}
      marks={marks}
      onPick={chosen.choose}
      offGlobe={nowhereItems(told.traffic)}
      side={collector === null ? <NoCollector /> : <LiveList told={told} chosen={chosen} />}
    />
  );
}

function NoCollector() {
  return (
    <EmptyNote title="No collector runs.">
      <p>Start one, and the flows that come in appear here at once.</p>
      <Button variant="default" onClick={() => changeView({ screen: 'sources' })}>
        Start a collector
      </Button>
    </EmptyNote>
  );
}

interface LiveListProps {
  readonly told: LiveTraffic;
  readonly chosen: ChosenPair;
}

const LiveList = memo(({ told, chosen }: LiveListProps) => {
  const { traffic, flowsSeen, flowsLeftOut, error } = told;
  return (
    <PairList traffic={traffic} chosen={chosen}>
      {error && <ErrorNote error={error} />}
      <p className={css['big']}>
        <b data-testid="live-flows">{formatCount(flowsSeen)}</b> flows since this was opened
      </p>
      {flowsLeftOut > 0 && (
        <p className={css['cardLine']} data-testid="live-left-out">
          {formatCount(flowsLeftOut)} of them came too fast to be drawn one by one: they are counted and
          stored.
        </p>
      )}
    </PairList>
  );
});

export const nowhereItems = ({ flowsNowhere, flowsPending }: Traffic): OffGlobeItem[] => [
  ...(flowsNowhere > 0
    ? [
        {
          key: 'nowhere',
          text: `${formatCount(flowsNowhere)} flows with an end at no place`,
          about:
            'At least one end is at no place: a private address of a site that nobody placed, anycast, special or unknown.',
        },
      ]
    : []),
  ...(flowsPending > 0
    ? [
        {
          key: 'pending',
          text: `${formatCount(flowsPending)} flows being looked up`,
          about: 'Their places are asked for.',
        },
      ]
    : []),
];
