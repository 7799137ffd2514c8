/** Traffic as marks on the globe: each pair of places an arc, each place a dot. */
import type { GlobeLine, GlobeMarks, GlobePoint } from '../../parts/globe/globe-marks.ts';
import { raisedArc, raisedLoop } from '../../parts/globe/sphere.ts';
import { formatBytes, formatCount } from '../../parts/format.ts';
import type { Palette } from '../../theme/palette.ts';
import type { Spot, TrafficArc } from './traffic.ts';

const arcText = ({ from, to, flows, bytes }: TrafficArc): string =>
  `${from.title} → ${to.title}\n${formatCount(flows)} ${flows === 1 ? 'flow' : 'flows'} · ${formatBytes(bytes)}`;

/** `shine` says how bright an arc is, 0 to 1; the chosen pair of places stands out. */
export function trafficMarks(
  arcs: readonly TrafficArc[],
  shine: (arc: TrafficArc) => number,
  palette: Palette,
  chosen?: string,
): GlobeMarks {
  const lines = arcs.map((arc): GlobeLine => {
    const { from, to } = arc;
    const isChosen = arc.key === chosen;
    return {
      id: arc.key,
      path:
        from.key === to.key
          ? raisedLoop(from.position, 0.7, 24)
          : raisedArc(from.position, to.position, 0.16, 40),
      colour: isChosen ? palette.ink : palette.blue,
      opacity: isChosen ? 1 : 0.85 * shine(arc),
      width: Math.min(4, 1.2 + 0.5 * Math.log10(1 + arc.flows)) + (isChosen ? 1 : 0),
      tip: arcText(arc),
    };
  });
  const spots = new Map<string, { spot: Spot; flows: number }>();
  for (const { from, to, flows } of arcs) {
    for (const spot of new Set([from, to])) {
      const known = spots.get(spot.key);
      if (known) known.flows += flows;
      else spots.set(spot.key, { spot, flows });
    }
  }
  const points = [...spots.values()].map(({ spot, flows }): GlobePoint => ({
    id: `spot-${spot.key}`,
    position: spot.position,
    colour: palette.blue,
    radius: Math.min(7, 2.5 + Math.log10(1 + flows)),
    tip: `${spot.title}\n${formatCount(flows)} flows from or to here`,
  }));
  return { lines, points, pulses: [] };
}
