/**
 * A ground that processors can draw: MapLibre cuts sea, land and stencils into pieces of a size that suits a graphics
 * card, and without one the number of corners is what a picture takes.
 */
import type { Map as WorldMap } from 'maplibre-gl';

type Setting = NonNullable<WorldMap['style']['projection']>['subdivisionGranularity'];
type Usage = 'fill' | 'stencil' | 'tile' | 'line';

/** Pieces of the world's width at zoom 0, halved with each doubling; and the least. Half of what MapLibre takes, or less. */
const PIECES: Readonly<Record<Usage, readonly [atZoom0: number, least: number]>> = {
  fill: [64, 2],
  // As fine as the land: seams would show otherwise.
  stencil: [64, 1],
  tile: [64, 8],
  line: [256, 0],
};

/** How far the simplified outlines may be from the true ones, px of a tile. MapLibre's own is 0.375. */
export const COARSE_TOLERANCE = 1;

/** Pixels of the ground for one of the page: marks and labels stand over it and are as sharp as ever. */
export const COARSE_PIXELS = 0.75;

/** To be called when the style has loaded, before its tiles are cut. */
export function coarsenGround(map: WorldMap): void {
  const setting = map.style.projection?.subdivisionGranularity;
  if (!setting) return;
  for (const usage of Object.keys(PIECES) as Usage[]) {
    const Pieces = setting[usage].constructor as new (atZoom0: number, least: number) => Setting[Usage];
    Object.assign(setting, { [usage]: new Pieces(...PIECES[usage]) });
  }
}
