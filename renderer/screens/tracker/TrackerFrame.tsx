/** What is the same in every mode: the choice of the mode, countries, the globe, its credits, and room for the rest. */
import { SegmentedControl } from '@mantine/core';
import { useMemo, useRef, type ReactNode } from 'react';
import type { CountryRow } from '../../../core/model/place.ts';
import { formatCount } from '../../parts/format.ts';
import { Globe, type GlobeFocus, type TakePicture } from '../../parts/globe/Globe.tsx';
import type { GlobeCircle, GlobeMarks } from '../../parts/globe/globe-marks.ts';
import { webGl } from '../../parts/globe/webgl.ts';
import { showError } from '../../parts/notify.ts';
import { useSelection } from '../../state/selection.ts';
import { Countries } from './Countries.tsx';
import { Credits } from './Credits.tsx';
import { filterCountry } from './filter-country.ts';
import { heatText, heatWords } from './heat-scale.ts';
import { NoGlobe } from './NoGlobe.tsx';
import { OffGlobe, type OffGlobeItem } from './OffGlobe.tsx';
import type { LocatedPoint } from './path-points.ts';
import { KeepPicture } from './KeepPicture.tsx';
import { modes, setMode, type TrackerMode, type TrackerState } from './tracker-state.ts';
import { useCountries } from './use-countries.ts';
import { UncertaintyKey } from './UncertaintyKey.tsx';
import css from './tracker.module.css';

export interface TrackerFrameProps {
  readonly state: TrackerState;
  readonly marks?: GlobeMarks;
  readonly circles?: readonly GlobeCircle[];
  readonly shaded?: readonly string[];
  readonly focus?: GlobeFocus | undefined;
  readonly points?: readonly LocatedPoint[];
  readonly offGlobe?: readonly OffGlobeItem[];
  readonly onPick?: (id: string) => void;
  readonly side: ReactNode;
  readonly bottom?: ReactNode;
}

const modeWords: Readonly<Record<TrackerMode, string>> = { path: 'Path', live: 'Live', replay: 'Replay' };

const noMarks: GlobeMarks = { points: [], lines: [], pulses: [] };
const none: readonly never[] = [];
const noShares: ReadonlyMap<string, number> = new Map();
const ignore = (): void => undefined;

export function TrackerFrame(props: TrackerFrameProps) {
  const { state, marks = noMarks, circles = none, shaded = none, points = none, onPick = ignore } = props;
  const canDraw = webGl() !== 'none';
  const picture = useRef<TakePicture>(null);
  const selection = useSelection();
  const countries = useCountries(state);
  const { heat, side } = state;
  const rows = useMemo(
    () => new Map(countries.answer?.countries.map((row) => [row.countryNumber, row])),
    [countries.answer],
  );
  const filter = ({ country, countryName }: CountryRow) => {
    filterCountry(country, countryName, selection, side).catch(showError);
  };
  const elsewhere = countries.answer?.elsewhere;
  const offGlobe: readonly OffGlobeItem[] = [
    ...(props.offGlobe ?? []),
    ...(heat !== null && elsewhere && elsewhere.addresses > 0
      ? [
          {
            key: 'elsewhere',
            text: `${formatCount(elsewhere.addresses)} addresses of no country · ${heatText(elsewhere[heat], heat)}${heat === 'bytes' || heat === 'addresses' ? '' : ` ${heat}`}`,
            about: 'Private, special, anycast, and those that no database knows.',
          },
        ]
      : []),
  ];
  return (
    <div className={css['tracker']}>
      <aside className={css['left']} aria-label="What the globe shows">
        <SegmentedControl
          fullWidth
          aria-label="What the globe shows"
          value={state.mode}
          onChange={(value) => setMode(modes.find((mode) => mode === value) ?? 'path')}
          data={modes.map((value) => ({ value, label: modeWords[value] }))}
        />
        <OffGlobe items={offGlobe} />
        <Countries state={state} countries={countries} onFilter={filter} />
      </aside>
      <section className={css['centre']} aria-label="Globe">
        {canDraw ? (
          <Globe
            marks={marks}
            circles={circles}
            shaded={shaded}
            heat={(heat !== null && countries.scale?.shares) || noShares}
            focus={props.focus}
            onPick={onPick}
            pictureRef={picture}
            onCountry={(number) => {
              const row = rows.get(number);
              if (row && heat !== null) filter(row);
            }}
            countryTip={(number) => {
              const row = rows.get(number);
              return row && heat !== null
                ? `${row.countryName}\n${formatCount(row[heat])} ${heatWords[heat]}\nClick: only its addresses`
                : undefined;
            }}
          >
            <UncertaintyKey circles={circles.length} shaded={shaded.length} />
          </Globe>
        ) : (
          <NoGlobe points={points} />
        )}
        <Credits />
        {canDraw && <KeepPicture mode={state.mode} picture={picture} />}
      </section>
      <aside className={css['right']} aria-label={`Details of ${modeWords[state.mode]}`}>
        {props.side}
      </aside>
      {props.bottom !== undefined && props.bottom !== false && (
        <footer className={css['bottom']}>{props.bottom}</footer>
      )}
    </div>
  );
}
