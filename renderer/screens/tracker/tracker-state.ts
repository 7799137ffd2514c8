/** What the Tracker keeps in the address: what it shows, the heat, the machine that is chosen. */
import type { CountrySide } from '../../../core/model/place.ts';
import { epochMs, formatTime, parseTime } from '../../../core/model/time.ts';
import { changeExtra, useView } from '../../state/view.ts';

export type TrackerMode = 'path' | 'live' | 'replay';
export type HeatMeasure = 'flows' | 'bytes' | 'packets' | 'addresses';

export const modes: readonly TrackerMode[] = ['path', 'live', 'replay'];
export const heatMeasures: readonly HeatMeasure[] = ['bytes', 'flows', 'packets', 'addresses'];
export const sides: readonly CountrySide[] = ['any', 'source', 'destination'];

export interface TrackerState {
  readonly mode: TrackerMode;
  /** Null: the globe is plain. */
  readonly heat: HeatMeasure | null;
  readonly side: CountrySide;
  /** Number of a machine of the path. */
  readonly hop: number | undefined;
  /** Where the play head stands, epoch ms; null: nobody has moved it. */
  readonly head: number | null;
}

export function useTrackerState(): TrackerState {
  const extra = useView((view) => view.extra);
  const hop = Number(extra['hop']);
  return {
    mode: modes.find((mode) => mode === extra['globe']) ?? 'path',
    heat: extra['heat'] === 'none' ? null : (heatMeasures.find((heat) => heat === extra['heat']) ?? 'bytes'),
    side: sides.find((side) => side === extra['side']) ?? 'any',
    hop: Number.isInteger(hop) && hop > 0 ? hop : undefined,
    head: parseTime(extra['head'] ?? '') ?? null,
  };
}

export const setMode = (mode: TrackerMode): void =>
  changeExtra({ globe: mode === 'path' ? undefined : mode, head: undefined });
export const setHeat = (heat: HeatMeasure | null): void =>
  changeExtra({ heat: heat === 'bytes' ? undefined : (heat ?? 'none') });
export const setSide = (side: CountrySide): void => changeExtra({ side: side === 'any' ? undefined : side });
export const setHop = (hop: number | undefined): void =>
  changeExtra({ hop: hop === undefined ? undefined : String(hop) }, 'replace');
export const setHead = (time: number): void =>
  changeExtra({ head: formatTime(epochMs(Math.round(time))) }, 'replace');
