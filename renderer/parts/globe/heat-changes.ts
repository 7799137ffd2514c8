/** What changes on the globe when countries are counted anew: what stays as it is draws no new picture. */

/** Steps of the scale: finer ones are not told apart. */
const STEPS = 30;

export interface HeatChanges {
  /** Share of the scale by country, in steps. */
  readonly shown: ReadonlyMap<string, number>;
  readonly changed: readonly (readonly [country: string, share: number])[];
  readonly gone: readonly string[];
}

/** From what is shown `before` to `shares`, which are from 0 to 1. */
export function heatChanges(
  before: ReadonlyMap<string, number>,
  shares: ReadonlyMap<string, number>,
): HeatChanges {
  const shown = new Map(Array.from(shares, ([id, share]) => [id, Math.round(share * STEPS) / STEPS]));
  return {
    shown,
    changed: [...shown].filter(([id, share]) => before.get(id) !== share),
    gone: [...before.keys()].filter((id) => !shown.has(id)),
  };
}
