/** The globe as a PNG file, with the labels that stand over it: a picture that can be kept. */

const LABEL_HEIGHT = 18;
const LABEL_SPACE = 7;

/** What the page shows over the canvas, in px of the page. */
export interface PictureLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly colour: string;
}

export interface PictureAround {
  readonly background: string;
  readonly ink: string;
  readonly font: string;
  readonly labels: readonly PictureLabel[];
  /** What is said below the globe: when it is, and whose data it rests on. */
  readonly caption: string;
}

/** Draws the canvases over one another as they are now: call it before the browser has taken what was drawn on them. */
export function copyCanvas(canvases: readonly HTMLCanvasElement[], background: string): HTMLCanvasElement {
  const copy = document.createElement('canvas');
  // The ground may be coarser than what stands on it.
  const width = Math.max(...canvases.map((canvas) => canvas.width));
  const height = Math.max(...canvases.map((canvas) => canvas.height));
  copy.width = width;
  copy.height = height;
  const context = copy.getContext('2d');
  if (context) {
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
    for (const canvas of canvases) context.drawImage(canvas, 0, 0, width, height);
  }
  return copy;
}

/** Puts the labels over a copy, whose width in px of the page is given, and makes a PNG file of it. */
export async function finishPicture(
  copy: HTMLCanvasElement,
  width: number,
  around: PictureAround,
): Promise<Uint8Array> {
  const context = copy.getContext('2d');
  if (!context) throw new Error('This browser cannot draw the picture.');
  const { labels, caption, ink, background } = around;
  context.scale(copy.width / width, copy.width / width);
  context.font = around.font;
  context.textBaseline = 'middle';
  for (const { text, x, y, colour } of labels) {
    const wide = context.measureText(text).width + 2 * LABEL_SPACE;
    const [left, top] = [x + 12, y - LABEL_HEIGHT / 2];
    context.fillStyle = background;
    context.fillRect(left, top, wide, LABEL_HEIGHT);
    context.fillStyle = colour;
    context.fillRect(left, top, 3, LABEL_HEIGHT);
    context.fillStyle = ink;
    context.fillText(text, left + LABEL_SPACE, y);
  }
  context.fillStyle = ink;
  context.fillText(caption, 12, (copy.height * width) / copy.width - 14);
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  copy.toBlob(resolve, 'image/png');
  const blob = await promise;
  if (!blob) throw new Error('This browser cannot make a PNG file of the picture.');
  return new Uint8Array(await blob.arrayBuffer());
}
