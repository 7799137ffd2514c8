/** Flows as they come in, kept for some seconds and put together by pair of places. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LiveFlows } from '../../../core/wire/contract-collect.ts';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { webGl } from '../../parts/globe/webgl.ts';
import { gatherTraffic, type Passed, type Traffic } from './traffic.ts';
import { usePlaces } from './use-places.ts';

/** How long an arc stays after its last flow, ms. */
export const AFTERGLOW = 8000;
/** The picture follows a flow that comes in this soon, ms, where a graphics card draws, and where none does ... */
const SOONEST = 40;
const SOONEST_WITHOUT_CARD = 100;
/** ... or, where that is later, after so many times what it takes longer than a usual frame. */
const REST = 4;
const FRAME = 17;
/** A picture is given to the globe in one frame, drawn in the next, and shown in the one after. */
const FRAMES_AFTER = 3;
/** How often it follows where nothing comes in: arcs fade, ms. */
const FADE = 500;
/** Flows that are kept one by one. */
const MAX_KEPT = 4000;
/** Of one item of the feed. */
const MAX_ROWS = 128;

const ignore = (): void => undefined;

export interface LiveTraffic {
  readonly traffic: Traffic;
  /** The moment that the arcs' `at` is compared with. */
  readonly now: number;
  readonly flowsSeen: number;
  /** Flows that came so fast that they were counted and not told one by one. */
  readonly flowsLeftOut: number;
  readonly error: Error | undefined;
}

interface Collected {
  readonly passed: Passed[];
  seen: number;
  leftOut: number;
}

/** Follows the collector while `enabled`. */
export function useLiveTraffic(enabled: boolean): LiveTraffic {
  const collected = useRef<Collected>({ passed: [], seen: 0, leftOut: 0 });
  const [shown, setShown] = useState({ now: 0, passed: [] as readonly Passed[], seen: 0, leftOut: 0 });
  const [error, setError] = useState<Error>();
  const { data } = useCall('workspace.exporters', {}, { enabled });
  const wakes = useRef(ignore);
  const sites = useRef(new Map<string, string>());
  sites.current = new Map(data?.exporters.map(({ address, site }) => [address, site]));

  useEffect(() => {
    if (!enabled) return undefined;
    const stop = new AbortController();
    const all: Collected = { passed: [], seen: 0, leftOut: 0 };
    collected.current = all;
    const follow = async () => {
      try {
        for await (const item of core.feed('collect.flows', { maxRows: MAX_ROWS }, { signal: stop.signal })) {
          take(all, item, sites.current);
          wake();
        }
      } catch (cause) {
        if (!stop.signal.aborted) setError(cause instanceof Error ? cause : new Error(String(cause)));
      }
    };
    const soonest = webGl() === 'software' ? SOONEST_WITHOUT_CARD : SOONEST;
    let [drawnAt, excess, waits] = [0, 0, false];
    const wake = () => {
      if (waits) return;
      waits = true;
      const rest = drawnAt + Math.max(soonest, REST * excess) - performance.now();
      setTimeout(() => requestAnimationFrame(show), Math.max(0, rest));
    };
    const show = () => {
      waits = false;
      if (stop.signal.aborted) return;
      drawnAt = performance.now();
      void longestFrame(FRAMES_AFTER).then((longest) => (excess = longest - FRAME));
      const now = drawnAt;
      const first = all.passed.findIndex(({ at }) => now - at < AFTERGLOW);
      all.passed.splice(0, first < 0 ? all.passed.length : first);
      setShown((before) =>
        before.passed.length === 0 && all.passed.length === 0 && before.seen === all.seen
          ? before
          : { now, passed: [...all.passed], seen: all.seen, leftOut: all.leftOut },
      );
    };
    void follow();
    wakes.current = wake;
    const timer = setInterval(wake, FADE);
    return () => {
      stop.abort();
      wakes.current = ignore;
      clearInterval(timer);
    };
  }, [enabled]);

  const addresses = useMemo(
    () => [...new Set(shown.passed.flatMap(({ source, destination }) => [source, destination]))],
    [shown.passed],
  );
  const places = usePlaces(addresses);
  const { placeOf } = places;
  const latest = useRef(placeOf);
  latest.current = placeOf;
  const lookUp = useCallback((address: string) => latest.current(address), []);
  // Places that were found come with the next picture, which has its own pace.
  useEffect(() => wakes.current(), [placeOf]);
  const traffic = useMemo(() => gatherTraffic(shown.passed, lookUp), [shown, lookUp]);
  const fault = error ?? places.error;
  return useMemo(
    () => ({
      traffic,
      now: shown.now,
      flowsSeen: shown.seen,
      flowsLeftOut: shown.leftOut,
      error: fault,
    }),
    [traffic, shown, fault],
  );
}

/** The longest of the next frames, ms. */
async function longestFrame(frames: number): Promise<number> {
  let longest = 0;
  for (let before = performance.now(); frames > 0; frames--) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return longest;
}

function take(all: Collected, { rows, flows, leftOut }: LiveFlows, sites: ReadonlyMap<string, string>): void {
  const at = performance.now();
  all.seen += flows;
  all.leftOut += leftOut;
  for (const { source, destination, bytes, exporter } of rows) {
    const site = sites.get(exporter);
    const named = (address: string): string => (site === undefined ? address : `${address}@${site}`);
    all.passed.push({ source: named(source), destination: named(destination), flows: 1, bytes, at });
  }
  const over = all.passed.length - MAX_KEPT;
  if (over > 0) {
    all.passed.splice(0, over);
    all.leftOut += over;
  }
}
