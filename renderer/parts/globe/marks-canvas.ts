/**
 * Marks drawn over the globe instead of in its depth buffer, where no graphics card draws: a new mark then costs its own
 * lines, not a picture of the whole ground. What the planet hides is left out point by point.
 */
import type { GlobeLine, GlobeMarks, GlobePoint } from './globe-marks.ts';
import { GROUND, type RaisedPosition, type Seen } from './sphere.ts';

const PULSE_RADIUS = 4;
const RIM = 2;
const DASH = [7, 6];

export type Eye = (position: RaisedPosition) => Seen;

export class MarksCanvas {
  readonly element = document.createElement('canvas');
  readonly #ground: string;

  /** `ground`: the colour of rims, and of what stands inside of rings. */
  constructor(ground: string) {
    this.#ground = ground;
    Object.assign(this.element.style, { position: 'absolute', left: '0', top: '0', pointerEvents: 'none' });
  }

  /** From below: lines, sparks, points. `eye` gives px from the middle of a picture of this size. */
  draw({ lines, pulses, points }: GlobeMarks, eye: Eye, width: number, height: number): void {
    const { element } = this;
    // Set anew, it is empty too.
    element.width = width;
    element.height = height;
    const context = element.getContext('2d');
    if (!context) return;
    context.translate(width / 2, height / 2);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    for (const line of lines) drawLine(context, line, eye);
    context.globalAlpha = 1;
    context.setLineDash([]);
    for (const { position, colour } of pulses) {
      if (!traceDot(context, eye(position), PULSE_RADIUS)) continue;
      context.fillStyle = colour;
      context.fill();
    }
    for (const point of points) this.#drawPoint(context, point, eye);
  }

  #drawPoint(context: CanvasRenderingContext2D, point: GlobePoint, eye: Eye): void {
    const { position, colour, hollow, radius } = point;
    if (!traceDot(context, eye([position[0], position[1], GROUND]), radius)) return;
    context.fillStyle = hollow === true ? this.#ground : colour;
    context.strokeStyle = hollow === true ? colour : this.#ground;
    context.lineWidth = RIM;
    context.fill();
    context.stroke();
  }
}

function drawLine(context: CanvasRenderingContext2D, line: GlobeLine, eye: Eye): void {
  context.beginPath();
  for (const piece of seenPieces(line.path, eye)) {
    for (const [i, { x, y }] of piece.entries()) {
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  }
  context.strokeStyle = line.colour;
  context.globalAlpha = line.opacity;
  context.lineWidth = line.width;
  context.setLineDash(line.dashed === true ? DASH : []);
  context.stroke();
}

/** False where the planet hides it. */
function traceDot(context: CanvasRenderingContext2D, { x, y, near }: Seen, radius: number): boolean {
  if (!near) return false;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  return true;
}

/** The parts of a line that the planet does not hide, of two points and more. */
export function seenPieces(path: readonly RaisedPosition[], eye: Eye): Seen[][] {
  const pieces: Seen[][] = [];
  let piece: Seen[] = [];
  for (const position of path) {
    const seen = eye(position);
    if (seen.near) piece.push(seen);
    else {
      pieces.push(piece);
      piece = [];
    }
  }
  pieces.push(piece);
  return pieces.filter(({ length }) => length > 1);
}
