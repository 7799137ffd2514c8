/** How this browser can draw the globe. `software`: its processors do what a graphics card would, many times slower. */
export type WebGl = 'none' | 'software' | 'card';

let known: WebGl | undefined;

/** Looked at once for the life of the page. */
export function webGl(): WebGl {
  known ??= look();
  return known;
}

function look(): WebGl {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return 'none';
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const drawer: unknown = context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return isSoftware(String(drawer)) ? 'software' : 'card';
}

/** Whether what a browser calls its renderer draws with the processors: Chromium's own, Mesa's, and that of Windows. */
export const isSoftware = (drawer: string): boolean =>
  /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render/i.test(drawer);
