/** A range of stored time, played at 1 to 1000 times its pace: which places spoke to each other then. */
import { useEffect, useMemo, useState } from 'react';
import { useStoredRange } from '../../link/workspace.ts';
import { AnswerBadges } from '../../parts/AnswerBadges.tsx';
import { EmptyNote, ErrorNote } from '../../parts/Panel.tsx';
import { formatCount, formatRange } from '../../parts/format.ts';
import { globeColours } from '../../parts/globe/globe-colours.ts';
import { useSettings } from '../../state/settings.ts';
import { useView } from '../../state/view.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { nowhereItems } from './LiveMode.tsx';
import { PairList, useChosenPair } from './PairList.tsx';
import { ReplayVolume } from './ReplayVolume.tsx';
import { TimeSlider } from './TimeSlider.tsx';
import { TrackerFrame } from './TrackerFrame.tsx';
import { setHead, type TrackerState } from './tracker-state.ts';
import { trafficMarks } from './traffic-marks.ts';
import { Transport } from './Transport.tsx';
import { usePlayer } from './use-player.ts';
import { useReplay } from './use-replay.ts';
import css from './tracker.module.css';

const SPEEDS = [1, 10, 60, 300, 1000] as const;
const FIRST_SPEED = 10;
/** Steps in which an arc that is over fades. */
const STEPS = 4;

export function ReplayMode({ state }: { readonly state: TrackerState }) {
  const chosen = useView((view) => view.range);
  const stored = useStoredRange();
  const from = chosen?.from ?? stored?.from;
  const to = chosen?.to ?? stored?.to;
  const range = useMemo(
    () => (from === undefined || to === undefined ? undefined : { from, to }),
    [from, to],
  );
  if (!range) {
    return (
      <TrackerFrame
        state={state}
        side={
          <EmptyNote title="Nothing is stored yet.">
            Import flows or start a collector: then they can be replayed.
          </EmptyNote>
        }
      />
    );
  }
  return <Playing state={state} range={range} />;
}

function Playing({ state, range }: { readonly state: TrackerState; readonly range: TimeRange }) {
  const { palette } = globeColours(useSettings((settings) => settings.scheme));
  const chosen = useChosenPair();
  const [waits, setWaits] = useState(false);
  const player = usePlayer({
    ...range,
    speed: FIRST_SPEED,
    start: state.head,
    onMoved: setHead,
    waits,
  });
  const time = player.time ?? range.from;
  const replay = useReplay(range, time, player.speed, true);
  useEffect(() => setWaits(replay.waits), [replay.waits]);
  const { traffic, fading, window, flows, flowsLeftOut, answer, error } = replay;
  const phase = Math.floor((STEPS * (time - window.from)) / Math.max(1, window.to - window.from)) / STEPS;
  const marks = useMemo(() => {
    const over = new Set(fading.map(({ key }) => key));
    return trafficMarks(
      [...traffic.arcs, ...fading],
      ({ key }) => (over.has(key) ? 0.5 * (1 - phase) : 1),
      palette,
      chosen.key,
    );
  }, [traffic, fading, phase, palette, chosen.key]);
  const ended = player.time !== null && player.time >= range.to;
  return (
    <TrackerFrame
      state={state}
      marks={marks}
      onPick={chosen.choose}
      offGlobe={nowhereItems(traffic)}
      side={
        <PairList traffic={traffic} chosen={chosen}>
          {error && <ErrorNote error={error} />}
          <p className={css['big']} data-testid="replay-flows">
            <b>{formatCount(flows)}</b> flows in progress {answer && <AnswerBadges notes={answer} />}
          </p>
          <p className={css['cardLine']}>{formatRange(window.from, window.to)}</p>
          {flowsLeftOut > 0 && (
            <p className={css['cardLine']}>
              {formatCount(flowsLeftOut)} of them are between pairs of addresses beyond the largest and are
              not drawn.
            </p>
          )}
        </PairList>
      }
      bottom={
        <>
          <Transport player={player} speeds={SPEEDS} start={range.from} label="the replay">
            <span className="dim" role="status" data-testid="replay-state">
              {ended
                ? 'the end of the range'
                : replay.waits && player.playing
                  ? 'waiting for flows'
                  : player.playing
                    ? 'playing'
                    : 'paused'}
            </span>
          </Transport>
          <TimeSlider label="Replay" {...range} time={player.time} onSeek={player.seek}>
            <ReplayVolume range={range} />
          </TimeSlider>
        </>
      }
    />
  );
}
