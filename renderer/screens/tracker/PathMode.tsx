/** The path of the current trace: arcs and circles on the globe, a card a machine, the sessions under a play head. */
import { Button } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useMemo } from 'react';
import { useCall } from '../../link/use-call.ts';
import { EmptyNote, ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { globeColours } from '../../parts/globe/globe-colours.ts';
import { useSettings } from '../../state/settings.ts';
import { formOf, writeForm } from '../../state/trace-question.ts';
import { changeExtra, changeView } from '../../state/view.ts';
import { HopCard } from './HopCard.tsx';
import { openedLast, pathMarks, pathSpan, pathView, uncertainty } from './path-marks.ts';
import { positionOf, type LocatedPoint } from './path-points.ts';
import { exactness, placeTitle } from './place-words.ts';
import { SessionBars } from './SessionBars.tsx';
import { TimeSlider } from './TimeSlider.tsx';
import { TrackerFrame, type TrackerFrameProps } from './TrackerFrame.tsx';
import { setHead, setHop, type TrackerState } from './tracker-state.ts';
import { Transport } from './Transport.tsx';
import { usePath, type PathState } from './use-path.ts';
import { usePlayer } from './use-player.ts';
import css from './tracker.module.css';

const SPEEDS = [1, 10, 60, 300] as const;
const FIRST_SPEED = 60;

export function PathMode({ state }: { readonly state: TrackerState }) {
  const path = usePath(true);
  const { points, hops } = path;
  const { palette } = globeColours(useSettings((settings) => settings.scheme));
  const still = useReducedMotion();
  const span = useMemo(() => pathSpan(hops) ?? { from: 0, to: 1 }, [hops]);
  const player = usePlayer({ ...span, speed: FIRST_SPEED, start: state.head, onMoved: setHead });
  const selected = points.find(({ number }) => number === state.hop);
  const marks = useMemo(
    () => pathMarks(points, { time: player.time, sparks: !still, selected: state.hop }, palette),
    [points, player.time, still, state.hop, palette],
  );
  const { circles, shaded } = useMemo(() => uncertainty(points, palette), [points, palette]);
  // The globe turns to what the play head tells of; where it stands still, to the machine that is chosen.
  const followsHead = player.time !== null && (player.playing || selected === undefined);
  const followed = followsHead ? openedLast(points, player.time ?? 0) : undefined;
  const focus = followed ?? focusOf(points, selected);

  useEffect(() => {
    if (state.hop !== undefined)
      document.querySelector(`#hop-card-${state.hop}`)?.scrollIntoView({ block: 'nearest' });
  }, [state.hop]);

  const frame: Omit<TrackerFrameProps, 'side' | 'bottom'> = {
    state,
    marks,
    circles,
    shaded,
    focus,
    points,
    offGlobe: points.flatMap((point) =>
      point.place && !positionOf(point.place)
        ? [
            {
              key: String(point.number),
              text: `${point.number} · ${placeTitle(point.place)} · ${point.name.address}`,
              about: exactness(point.place),
              onOpen: () => setHop(point.number),
            },
          ]
        : [],
    ),
    onPick: (id) => {
      const number = Number(/\d+$/.exec(id)?.[0]);
      setHop(number === state.hop ? undefined : number);
    },
  };
  return (
    <TrackerFrame
      {...frame}
      side={<PathSide path={path} hop={state.hop} />}
      bottom={
        hops.length > 0 && (
          <>
            <Transport player={player} speeds={SPEEDS} start={span.from} label="the sessions">
              <span className="dim">upstream opens first and closes last</span>
            </Transport>
            <TimeSlider label="Play head" {...span} time={player.time} onSeek={player.seek}>
              <SessionBars hops={hops} points={points} {...span} time={player.time} />
            </TimeSlider>
          </>
        )
      }
    />
  );
}

function focusOf(points: readonly LocatedPoint[], selected: LocatedPoint | undefined) {
  const at = positionOf(selected?.place);
  if (selected && at) return { key: `hop ${selected.number} ${at.join()}`, centre: at };
  const view = pathView(points);
  return view && { key: `path ${view.centre.join()}`, ...view };
}

function PathSide({ path, hop }: { readonly path: PathState; readonly hop: number | undefined }) {
  const { asked, points, nothing, isRunning, error, placeError, retry } = path;
  if (!asked) return <NoTrace />;
  if (error) return <ErrorNote error={error} onRetry={retry} />;
  if (nothing !== undefined) {
    return (
      <EmptyNote title="There is no path to show.">
        <p>{nothing}</p>
        <Button variant="default" onClick={() => changeView({ screen: 'trace' })}>
          Open the trace
        </Button>
      </EmptyNote>
    );
  }
  if (points.length === 0 || isRunning) return <LoadingNote lines={9} />;
  return (
    <>
      {placeError && <ErrorNote error={placeError} onRetry={retry} />}
      <ol className={css['cards']} aria-label="Machines of the path, attacker’s side first">
        {points.map((point) => (
          <HopCard
            key={point.number}
            point={point}
            selected={point.number === hop}
            onSelect={() => setHop(point.number === hop ? undefined : point.number)}
          />
        ))}
      </ol>
    </>
  );
}

/** Nothing was asked yet: the sample's question where the store holds the sample. */
function NoTrace() {
  const { data } = useCall('trace.sample', {});
  const question = data?.question;
  return (
    <EmptyNote title="No login is traced yet.">
      <p>Trace a login first: its path is then shown here, machine by machine.</p>
      <div className={css['noteButtons']}>
        {question && (
          <Button onClick={() => changeExtra(writeForm(formOf(question)))}>Trace the sample case</Button>
        )}
        <Button variant="default" onClick={() => changeView({ screen: 'trace' })}>
          Open the Trace screen
        </Button>
      </div>
    </EmptyNote>
  );
}
