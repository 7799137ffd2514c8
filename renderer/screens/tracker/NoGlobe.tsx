/** What stands in place of the globe where a browser cannot draw it: the same as a list. */
import { IconWorldOff } from '@tabler/icons-react';
import type { LocatedPoint } from './path-points.ts';
import { positionOf } from './path-points.ts';
import { exactness, placeTitle } from './place-words.ts';
import css from './tracker.module.css';

export function NoGlobe({ points }: { readonly points: readonly LocatedPoint[] }) {
  return (
    <div className={css['noGlobe']} role="status" data-testid="no-globe">
      <IconWorldOff size={34} stroke={1.3} aria-hidden />
      <strong>This browser cannot draw the globe: it has no WebGL 2.</strong>
      <span className="dim">
        Switch hardware acceleration on, or use another browser. Everything that would stand on the globe is
        in the lists.
      </span>
      {points.length > 0 && (
        <ol className={css['flat']}>
          {points.map((point) => {
            const at = positionOf(point.place);
            return (
              <li key={point.number}>
                <b>{placeTitle(point.place)}</b> <span className="mono">{point.name.address}</span>
                {at && (
                  <span className="mono dim">
                    {' '}
                    {at[1].toFixed(2)}, {at[0].toFixed(2)}
                  </span>
                )}
                <div className="dim">{exactness(point.place)}</div>
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}
