/** Stored flows of a range of time, played window by window: which places spoke to each other then. */
import { useMemo } from 'react';
import type { TopAnswer } from '../../../core/model/query.ts';
import { epochMs } from '../../../core/model/time.ts';
import { useCall } from '../../link/use-call.ts';
import { useSelection } from '../../state/selection.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { gatherTraffic, type Passed, type Traffic, type TrafficArc } from './traffic.ts';
import { usePlaces } from './use-places.ts';

/** How long a window is shown on the wall, ms. */
const WALL = 1000;
/** Pairs of addresses of one window; the rest is counted. */
const MAX_PAIRS = 2000;

export interface ReplayWindow {
  readonly from: number;
  readonly to: number;
}

/** The window of a moment, in a grid that begins with the range. */
function windowAt(range: TimeRange, time: number, speed: number): ReplayWindow {
  const width = speed * WALL;
  const last = Math.max(0, Math.ceil((range.to - range.from) / width) - 1);
  const index = Math.min(last, Math.max(0, Math.floor((time - range.from) / width)));
  const from = range.from + index * width;
  return { from, to: Math.min(range.to, from + width) };
}

export interface Replay {
  readonly traffic: Traffic;
  /** What was in progress in the window before and is over now. */
  readonly fading: readonly TrafficArc[];
  readonly window: ReplayWindow;
  /** The flows of this window are on their way. */
  readonly waits: boolean;
  readonly flows: number;
  /** Flows between pairs of addresses beyond the bound. */
  readonly flowsLeftOut: number;
  readonly answer: TopAnswer | undefined;
  readonly error: Error | null;
}

/** What is in progress at `time`; the window after it is asked for ahead. */
export function useReplay(range: TimeRange, time: number, speed: number, enabled: boolean): Replay {
  const window = windowAt(range, time, speed);
  const here = useWindow(window, enabled);
  const next = windowAt(range, window.to, speed);
  useWindow(next, enabled && next.from > window.from);
  const previous = windowAt(range, window.from - 1, speed);
  const before = useWindow(previous, enabled && previous.from < window.from);
  const isHere = here.data !== undefined && !here.isStale;
  const passed = useMemo(() => passedOf(here.data), [here.data]);
  const gone = useMemo(
    () => (previous.from < window.from && !before.isStale ? passedOf(before.data) : []),
    [before.data, before.isStale, previous.from, window.from],
  );
  const addresses = useMemo(
    () => [...new Set([...passed, ...gone].flatMap(({ source, destination }) => [source, destination]))],
    [passed, gone],
  );
  const { placeOf, error } = usePlaces(addresses);
  const traffic = useMemo(() => gatherTraffic(passed, placeOf), [passed, placeOf]);
  const fading = useMemo(() => {
    const still = new Set(traffic.arcs.map(({ key }) => key));
    return gatherTraffic(gone, placeOf).arcs.filter(({ key }) => !still.has(key));
  }, [gone, placeOf, traffic]);
  const shown = here.data?.rows.reduce((sum, { flows }) => sum + flows, 0) ?? 0;
  const flows = here.data?.total.flows ?? 0;
  return {
    traffic,
    fading,
    window,
    waits: enabled && !isHere && here.error === null,
    flows,
    flowsLeftOut: flows - shown,
    answer: here.data,
    error: here.error ?? error ?? null,
  };
}

function useWindow({ from, to }: ReplayWindow, enabled: boolean) {
  const selection = useSelection();
  return useCall(
    'query.top',
    {
      ...selection,
      from: epochMs(from),
      to: epochMs(to),
      fields: ['srcip', 'dstip'],
      by: 'flows',
      times: false,
      limit: MAX_PAIRS,
    },
    { enabled },
  );
}

const passedOf = (answer: TopAnswer | undefined): Passed[] =>
  answer?.rows.map(({ key: [source = '', destination = ''], flows, bytes }) => ({
    source,
    destination,
    flows,
    bytes,
    at: 0,
  })) ?? [];
