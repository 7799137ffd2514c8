/** The globe on a screen: what stands on it is given, what is pointed at is told. */
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useReducedMotion } from '@mantine/hooks';
import { useSettings } from '../../state/settings.ts';
import { ErrorNote } from '../Panel.tsx';
import { loadBasemap } from './basemap.ts';
import { globeColours } from './globe-colours.ts';
import type { GlobeCircle, GlobeMarks, GlobePoint } from './globe-marks.ts';
import { GlobeView, type GlobeHit } from './globe-view.ts';
import { finishPicture, type PictureLabel } from './picture.ts';
import type { Position } from './sphere.ts';
import { textFont } from '../../theme/theme.ts';
import css from './globe.module.css';

export interface GlobeFocus {
  /** Another key: look there now. */
  readonly key: string;
  readonly centre: Position;
  /** Doublings from the whole globe; absent: as near as it is. */
  readonly closer?: number;
}

export interface GlobeProps {
  readonly marks: GlobeMarks;
  readonly circles: readonly GlobeCircle[];
  readonly shaded: readonly string[];
  readonly heat: ReadonlyMap<string, number>;
  readonly focus: GlobeFocus | undefined;
  readonly onPick: (id: string) => void;
  readonly onCountry: (number: string) => void;
  /** What the hover says of a country; undefined: nothing. */
  readonly countryTip: (number: string) => string | undefined;
  /** Given what makes a PNG file of the globe as it is seen, with a caption. */
  readonly pictureRef?: RefObject<TakePicture | null>;
  /** In a corner of the picture. */
  readonly children?: ReactNode;
}

export type TakePicture = (caption: string) => Promise<Uint8Array>;

interface Tip {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export function Globe(props: GlobeProps) {
  const scheme = useSettings((settings) => settings.scheme);
  const still = useReducedMotion();
  const host = useRef<HTMLDivElement>(null);
  const limb = useRef<HTMLDivElement>(null);
  const labels = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<GlobeView>();
  const [error, setError] = useState<unknown>();
  const [tip, setTip] = useState<Tip>();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    let made: GlobeView | undefined;
    let gone = false;
    const observer = new ResizeObserver(() => made?.resize());
    const make = async () => {
      const basemap = await loadBasemap();
      if (gone) return;
      made = new GlobeView(element, basemap, globeColours(scheme), {
        onLoad: () => !gone && setView(made),
        onDraw: () => made && drawAround(made, limb.current, labels.current, latest.current.marks),
        onPoint: (hit, x, y) => setTip(tipFor(hit, x, y, latest.current)),
        onLeave: () => setTip(undefined),
        onClick: ({ id, country }) => {
          if (id !== undefined) latest.current.onPick(id);
          else if (country !== undefined) latest.current.onCountry(country);
        },
      });
      observer.observe(element);
    };
    make().catch(setError);
    return () => {
      gone = true;
      observer.disconnect();
      setView(undefined);
      made?.close();
    };
  }, [scheme]);

  const { marks, circles, shaded, heat, focus } = props;
  useEffect(() => view?.show(marks), [view, marks]);
  useEffect(() => view?.circle(circles), [view, circles]);
  useEffect(() => view?.shade(shaded), [view, shaded]);
  useEffect(() => view?.heat(heat), [view, heat]);
  const { pictureRef } = props;
  useEffect(() => {
    if (!pictureRef || !view) return undefined;
    pictureRef.current = async (caption) => {
      const { palette } = globeColours(scheme);
      const copy = await view.picture();
      return finishPicture(copy, host.current?.clientWidth ?? copy.width, {
        background: palette.panel,
        ink: palette.ink,
        font: `550 12px ${textFont}`,
        labels: labelsOf(view, latest.current.marks),
        caption,
      });
    };
    return () => {
      pictureRef.current = null;
    };
  }, [pictureRef, view, scheme]);
  const looked = useRef(false);
  const stillNow = useRef(still);
  stillNow.current = still;
  // The key alone says when to look: the globe stays where a person has turned it.
  const focusKey = focus?.key;
  useEffect(() => {
    const wanted = latest.current.focus;
    if (!view) looked.current = false;
    else if (wanted && focusKey !== undefined) {
      view.lookAt(wanted.centre, wanted.closer, looked.current && !stillNow.current);
      looked.current = true;
    }
  }, [view, focusKey]);

  if (error !== undefined) return <ErrorNote error={error} />;
  return (
    <div className={css['globe']} data-ready={view !== undefined} data-testid="globe">
      <div ref={limb} className={css['limb']} aria-hidden />
      <div ref={host} className={css['host']} />
      <div ref={labels} className={css['labels']} aria-hidden>
        {labelled(marks).map(({ id, label, colour }) => (
          <span key={id} data-point={id} data-testid="globe-point" className={css['anchor']}>
            <span className={css['label']} style={{ borderColor: colour }}>
              {label}
            </span>
          </span>
        ))}
      </div>
      {tip && (
        <div className={css['tip']} role="tooltip" style={{ left: tip.x, top: tip.y }}>
          {tip.text}
        </div>
      )}
      {props.children}
    </div>
  );
}

function tipFor({ tip, country }: GlobeHit, x: number, y: number, props: GlobeProps): Tip | undefined {
  const text = tip ?? (country === undefined ? undefined : props.countryTip(country));
  return text === undefined || text === '' ? undefined : { text, x, y };
}

/** Labels of the near side, where they stand now. */
function labelsOf(view: GlobeView, marks: GlobeMarks): PictureLabel[] {
  const sight = view.sight();
  return labelled(marks).flatMap(({ label, colour, position }) => {
    const { x, y, near } = sight(position);
    return label === undefined || !near ? [] : [{ text: label, x, y, colour }];
  });
}

const labelled = ({ points }: GlobeMarks): GlobePoint[] => points.filter(({ label }) => label !== undefined);

/** Puts the edge of the globe and the labels where the picture has them. */
function drawAround(
  view: GlobeView,
  limb: HTMLElement | null,
  labels: HTMLElement | null,
  marks: GlobeMarks,
): void {
  // Asked before anything moves: a page that has changed is laid out anew for its sizes.
  const sight = view.sight();
  const { x, y, radius } = view.limb();
  if (limb) {
    limb.style.transform = `translate(${x - radius}px, ${y - radius}px)`;
    limb.style.width = `${2 * radius}px`;
    limb.style.height = `${2 * radius}px`;
  }
  const elements = labels?.children;
  for (const [i, point] of labelled(marks).entries()) {
    const element = elements?.[i];
    if (!(element instanceof HTMLElement)) continue;
    const at = sight(point.position);
    element.style.transform = `translate(${at.x}px, ${at.y}px)`;
    element.style.visibility = at.near ? 'visible' : 'hidden';
  }
}
