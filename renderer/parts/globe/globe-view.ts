/** The globe itself: a map of the world without a network, with marks that stand on it. */
import { MapLibreOverlay } from '@deck.gl/maplibre';
import { Map as WorldMap, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Basemap } from './basemap.ts';
import type { GlobeColours } from './globe-colours.ts';
import {
  layersOf,
  type GlobeCircle,
  type GlobeLine,
  type GlobeMarks,
  type GlobePoint,
} from './globe-marks.ts';
import { COARSE_PIXELS, COARSE_TOLERANCE, coarsenGround } from './coarse-ground.ts';
import { globeStyle } from './globe-style.ts';
import { heatChanges } from './heat-changes.ts';
import { MarksCanvas } from './marks-canvas.ts';
import { copyCanvas } from './picture.ts';
import { circleAround, distanceToLine, GROUND, viewFrom, type Position, type Seen } from './sphere.ts';
import { webGl } from './webgl.ts';

setWorkerUrl(new URL(workerUrl, document.baseURI).href);

/** MapLibre's tiles of the ground are of this size, px. */
const TILE = 512;
/** Distance of the eye from the ground at the middle of the picture, in heights of the picture: MapLibre's own lens. */
const EYE = 1.5;
/** Radius of the globe in the shorter side of the picture, where all of it is shown. */
const FILL = 0.39;
const FIRST_LOOK: Position = [15, 25];
/** How near one must point to a mark, px. */
const REACH = 5;

/** Where the globe appears in the picture, px. */
export interface Limb {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** What the pointer is on. */
export interface GlobeHit {
  readonly id?: string;
  readonly tip?: string;
  readonly country?: string;
}

export interface GlobeHandlers {
  readonly onLoad: () => void;
  /** The picture has changed: where things are in it has to be asked anew. */
  readonly onDraw: () => void;
  readonly onPoint: (hit: GlobeHit, x: number, y: number) => void;
  readonly onLeave: () => void;
  readonly onClick: (hit: GlobeHit) => void;
}

export class GlobeView {
  readonly #map: WorldMap;
  /** In the globe's own depth buffer, where a graphics card draws; over the picture where none does. */
  readonly #marksOn: MapLibreOverlay | MarksCanvas;
  readonly #colours: GlobeColours;
  readonly #handlers: GlobeHandlers;
  #marks: GlobeMarks = { points: [], lines: [], pulses: [] };
  /** The shares that are shown. */
  #heat: ReadonlyMap<string, number> = new Map();

  constructor(host: HTMLElement, basemap: Basemap, colours: GlobeColours, handlers: GlobeHandlers) {
    this.#colours = colours;
    this.#handlers = handlers;
    const isCoarse = webGl() === 'software';
    this.#map = new WorldMap({
      container: host,
      style: globeStyle(basemap, colours, isCoarse ? COARSE_TOLERANCE : undefined),
      minZoom: -1,
      maxZoom: 9,
      maxPitch: 0,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      attributionControl: false,
      validateStyle: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: !isCoarse },
      ...(isCoarse ? { pixelRatio: COARSE_PIXELS } : {}),
    });
    if (isCoarse) this.#map.once('style.load', () => coarsenGround(this.#map));
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.getCanvas().setAttribute('aria-label', 'Globe: arrow keys turn it, plus and minus zoom');
    const marksOn = isCoarse
      ? new MarksCanvas(colours.palette.background)
      : new MapLibreOverlay({ interleaved: true, layers: [] });
    this.#marksOn = marksOn;
    // Not earlier: until the ground is drawn once, marks of the far side would show through the planet.
    this.#map.once('load', () => {
      if (marksOn instanceof MarksCanvas) this.#map.getCanvasContainer().append(marksOn.element);
      else this.#map.addControl(marksOn);
      this.lookAt(FIRST_LOOK, 0, false);
      handlers.onLoad();
    });
    this.#map.on('render', () => this.#follow());
    this.#map.on('mousemove', (event) => this.#pointAt(event));
    this.#map.on('mouseout', handlers.onLeave);
    this.#map.on('click', (event) => handlers.onClick(this.#hit(event)));
  }

  /** A copy of the picture as it is drawn next. */
  picture(): Promise<HTMLCanvasElement> {
    const { promise, resolve } = Promise.withResolvers<HTMLCanvasElement>();
    this.#map.once('render', () => {
      const over = this.#marksOn instanceof MarksCanvas ? [this.#marksOn.element] : [];
      resolve(copyCanvas([this.#map.getCanvas(), ...over], this.#colours.palette.background));
    });
    this.#map.triggerRepaint();
    return promise;
  }

  close(): void {
    this.#map.remove();
  }

  show(marks: GlobeMarks): void {
    this.#marks = marks;
    if (this.#marksOn instanceof MarksCanvas) this.#follow();
    else this.#marksOn.setProps({ layers: layersOf(marks, this.#colours.palette.background) });
  }

  circle(circles: readonly GlobeCircle[]): void {
    const features = circles.map(({ centre, km, colour }) => ({
      type: 'Feature' as const,
      properties: { colour },
      geometry: { type: 'Polygon' as const, coordinates: [circleAround(centre, km)] },
    }));
    const source = this.#map.getSource<GeoJSONSource>('circles');
    // A globe that is closed already has none.
    if (!source) return;
    void source.setData({ type: 'FeatureCollection', features });
    // An empty source would have its tiles' stencils drawn in every picture.
    for (const layer of ['circle', 'circle-line'])
      this.#map.setLayoutProperty(layer, 'visibility', features.length > 0 ? 'visible' : 'none');
  }

  /** Countries by their numbers that are shaded whole: an address is somewhere in there. */
  shade(numbers: readonly string[]): void {
    for (const layer of ['shaded', 'shaded-line'])
      this.#map.setFilter(layer, ['in', ['get', 'number'], ['literal', [...numbers]]]);
  }

  /** Share of the scale, 0 to 1, by a country's number. */
  heat(shares: ReadonlyMap<string, number>): void {
    const { shown, changed, gone } = heatChanges(this.#heat, shares);
    for (const id of gone) this.#map.removeFeatureState({ source: 'world', id }, 'heat');
    for (const [id, heat] of changed) this.#map.setFeatureState({ source: 'world', id }, { heat });
    this.#heat = shown;
  }

  /**
   * Turns the globe until the centre is in the middle. `closer`: zooms in, in doublings of what shows all of it. The map's
   * zoom alone would not keep its size: that is of the ground in the middle, which is smaller towards the poles.
   */
  lookAt([longitude, latitude]: Position, closer: number | undefined, moved: boolean): void {
    const near = closer ?? this.#map.getZoom() - this.#wholeZoom(this.#map.getCenter().lat);
    const zoom = this.#wholeZoom(latitude) + near;
    const camera = { center: [longitude, latitude] as [number, number], zoom };
    if (moved) this.#map.easeTo({ ...camera, duration: 900 });
    else this.#map.jumpTo(camera);
  }

  resize(): void {
    this.#map.resize();
  }

  /** Where positions on the ground appear now, px, and whether the planet hides them. */
  sight(): (position: Position) => Seen {
    const { x, y } = this.#middle();
    const eye = this.#eye();
    return ([longitude, latitude]) => {
      const seen = eye([longitude, latitude, 0]);
      return { x: x + seen.x, y: y + seen.y, near: seen.near };
    };
  }

  limb(): Limb {
    const eye = EYE * this.#map.getContainer().clientHeight;
    const globe = this.#radius();
    return {
      ...this.#middle(),
      radius: (eye * globe) / Math.sqrt((globe + eye) ** 2 - globe ** 2),
    };
  }

  /** The zoom at which the whole globe is in the picture. */
  #wholeZoom(latitude: number): number {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const eye = EYE * clientHeight;
    const seen = FILL * Math.min(clientWidth, clientHeight);
    const globe = (seen ** 2 + seen * Math.hypot(seen, eye)) / eye;
    return Math.log2((globe * 2 * Math.PI * Math.cos((latitude * Math.PI) / 180)) / TILE);
  }

  /** Radius of the globe, px of the ground in the middle of the picture. */
  #radius(): number {
    const { lat } = this.#map.getCenter();
    return (TILE * 2 ** this.#map.getZoom()) / (2 * Math.PI) / Math.cos((lat * Math.PI) / 180);
  }

  /** Puts what stands over the picture where the picture has it. */
  #follow(): void {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    if (this.#marksOn instanceof MarksCanvas)
      this.#marksOn.draw(this.#marks, this.#eye(), clientWidth, clientHeight);
    this.#handlers.onDraw();
  }

  #middle(): { readonly x: number; readonly y: number } {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    return { x: clientWidth / 2, y: clientHeight / 2 };
  }

  #eye(): ReturnType<typeof viewFrom> {
    const { lng, lat } = this.#map.getCenter();
    return viewFrom({
      centre: [lng, lat],
      radius: this.#radius(),
      distance: EYE * this.#map.getContainer().clientHeight,
    });
  }

  #pointAt(event: MapMouseEvent): void {
    const hit = this.#hit(event);
    this.#map.getCanvas().style.cursor = hit.id === undefined ? '' : 'pointer';
    this.#handlers.onPoint(hit, event.point.x, event.point.y);
  }

  #hit({ point: { x, y } }: MapMouseEvent): GlobeHit {
    const picked = this.#pick(x, y);
    if (picked) return { id: picked.id, tip: picked.tip };
    const [country] = this.#map.queryRenderedFeatures([x, y], { layers: ['land'] });
    const number: unknown = country?.properties['number'];
    return typeof number === 'string' ? { country: number } : {};
  }

  /** The mark at a point of the picture: a dot before a line, the nearest of them; what the planet hides is none. */
  #pick(x: number, y: number): GlobePoint | GlobeLine | undefined {
    const middle = this.#middle();
    const eye = this.#eye();
    const [right, down] = [x - middle.x, y - middle.y];
    const { points, lines } = this.#marks;
    return (
      nearest(points, ({ position: [longitude, latitude], radius }) => {
        const seen = eye([longitude, latitude, GROUND]);
        return seen.near ? Math.hypot(seen.x - right, seen.y - down) - radius : Number.POSITIVE_INFINITY;
      }) ?? nearest(lines, ({ path, width }) => distanceToLine(right, down, path.map(eye)) - width / 2)
    );
  }
}

/** The one that is nearest, where one is near enough to point to. */
function nearest<Mark>(marks: readonly Mark[], distanceOf: (mark: Mark) => number): Mark | undefined {
  let [found, least]: [Mark | undefined, number] = [undefined, REACH];
  for (const mark of marks) {
    const distance = distanceOf(mark);
    if (distance <= least) [found, least] = [mark, distance];
  }
  return found;
}
