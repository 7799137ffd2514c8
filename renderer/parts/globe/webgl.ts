/** How this browser can draw the globe. `software`: its processors do what a graphics card would, many times slower. */
export type WebGl = 'none' | 'software' | 'card';

let known: WebGl | undefined;

/** Looked at once for the life of the page. */
export function webGl(): WebGl {
  known ??= canDraw({ failIfMajorPerformanceCaveat: true }) ? 'card' : canDraw({}) ? 'software' : 'none';
  return known;
}

function canDraw(attributes: WebGLContextAttributes): boolean {
  const context = document.createElement('canvas').getContext('webgl2', attributes);
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}
