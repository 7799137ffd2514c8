/** What can be put on the globe, and its layers. */
import type { Layer } from '@deck.gl/core';
import { PathLayer, ScatterplotLayer } from '@deck.gl/layers';
import { rgba } from './globe-colours.ts';
import { dashes, GROUND, type Position, type RaisedPosition } from './sphere.ts';

export interface GlobePoint {
  readonly id: string;
  readonly position: Position;
  readonly colour: string;
  /** Drawn as a ring: something that was not seen itself. */
  readonly hollow?: boolean;
  /** px */
  readonly radius: number;
  /** Beside the point, always. */
  readonly label?: string;
  /** What the hover says. */
  readonly tip: string;
}

export interface GlobeLine {
  readonly id: string;
  readonly path: readonly RaisedPosition[];
  readonly colour: string;
  readonly opacity: number;
  /** px */
  readonly width: number;
  readonly dashed?: boolean;
  readonly tip: string;
}

/** A spark that moves along a line. */
export interface GlobePulse {
  readonly position: RaisedPosition;
  readonly colour: string;
}

/** Everything within `km` of a place. */
export interface GlobeCircle {
  readonly centre: Position;
  readonly km: number;
  readonly colour: string;
}

export interface GlobeMarks {
  readonly points: readonly GlobePoint[];
  readonly lines: readonly GlobeLine[];
  readonly pulses: readonly GlobePulse[];
}

interface Stroke {
  readonly path: RaisedPosition[];
  readonly line: GlobeLine;
}

/** From below: lines, sparks, points. */
export function layersOf({ points, lines, pulses }: GlobeMarks, ground: string): Layer[] {
  const strokes = lines.flatMap((line): Stroke[] =>
    line.dashed === true
      ? dashes(line.path).map((path) => ({ path, line }))
      : [{ path: [...line.path], line }],
  );
  return [
    new PathLayer<Stroke>({
      id: 'lines',
      data: strokes,
      getPath: ({ path }) => path,
      getColor: ({ line }) => rgba(line.colour, line.opacity),
      getWidth: ({ line }) => line.width,
      widthUnits: 'pixels',
      billboard: true,
      capRounded: true,
      jointRounded: true,
    }),
    new ScatterplotLayer<GlobePulse>({
      id: 'pulses',
      data: pulses,
      getPosition: ({ position }) => position,
      getFillColor: ({ colour }) => rgba(colour),
      getRadius: 4,
      radiusUnits: 'pixels',
      billboard: true,
    }),
    new ScatterplotLayer<GlobePoint>({
      id: 'points',
      data: points,
      getPosition: ({ position: [longitude, latitude] }) => [longitude, latitude, GROUND],
      getFillColor: ({ colour, hollow }) => rgba(hollow === true ? ground : colour),
      getLineColor: ({ colour, hollow }) => rgba(hollow === true ? colour : ground),
      getRadius: ({ radius }) => radius,
      getLineWidth: 2,
      radiusUnits: 'pixels',
      lineWidthUnits: 'pixels',
      stroked: true,
      billboard: true,
    }),
  ];
}
