/** What the circles and the shaded countries on the globe mean, where there are any. */
import css from './tracker.module.css';

export interface UncertaintyKeyProps {
  readonly circles: number;
  readonly shaded: number;
}

export function UncertaintyKey({ circles, shaded }: UncertaintyKeyProps) {
  if (circles + shaded === 0) return null;
  return (
    <ul className={css['uncertainty']} aria-label="How exact the places are" data-testid="uncertainty">
      {circles > 0 && (
        <li>
          <i className={css['circleKey']} aria-hidden />
          the machine is somewhere within its circle
        </li>
      )}
      {shaded > 0 && (
        <li>
          <i className={css['shadedKey']} aria-hidden />
          only the country is known: somewhere in all of it
        </li>
      )}
    </ul>
  );
}
