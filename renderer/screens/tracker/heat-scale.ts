/** Countries on a log scale: flows of addresses span many powers of ten. */
import type { CountryRow } from '../../../core/model/place.ts';
import { formatBytes, formatShort } from '../../parts/format.ts';
import type { HeatMeasure } from './tracker-state.ts';

export interface HeatScale {
  readonly least: number;
  readonly most: number;
  /** Share of the scale, 0 to 1, by the country's number. */
  readonly shares: ReadonlyMap<string, number>;
}

/** Undefined where nothing is counted. */
export function heatScale(rows: readonly CountryRow[], measure: HeatMeasure): HeatScale | undefined {
  const counted = rows.filter((row) => row[measure] > 0);
  if (counted.length === 0) return undefined;
  const least = Math.min(...counted.map((row) => row[measure]));
  const most = Math.max(...counted.map((row) => row[measure]));
  const width = Math.log(most / least);
  const shares = counted
    .filter(({ countryNumber }) => countryNumber !== '')
    .map((row): [string, number] => [
      row.countryNumber,
      width === 0 ? 1 : Math.log(row[measure] / least) / width,
    ]);
  return { least, most, shares: new Map(shares) };
}

export const heatText = (value: number, measure: HeatMeasure): string =>
  measure === 'bytes' ? formatBytes(value) : formatShort(value);

export const heatWords: Readonly<Record<HeatMeasure, string>> = {
  bytes: 'bytes',
  flows: 'flows',
  packets: 'packets',
  addresses: 'distinct addresses',
};
