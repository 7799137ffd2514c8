/** The globe in the colours of the workstation. */
import { darkPalette, lightPalette, type Palette } from '../../theme/palette.ts';

export interface GlobeColours {
  readonly palette: Palette;
  readonly sea: string;
  readonly land: string;
  readonly border: string;
  readonly coast: string;
  readonly graticule: string;
  /** Lightness alone tells the steps apart: the scale reads the same for every kind of colour sight. */
  readonly heat: readonly string[];
}

const colours: Readonly<Record<'dark' | 'light', GlobeColours>> = {
  dark: {
    palette: darkPalette,
    sea: '#0a1420',
    land: '#1c2834',
    border: '#3a4a5b',
    coast: '#46596d',
    graticule: '#16222f',
    heat: ['#213a3b', '#27534d', '#2f7060', '#3f9175', '#62b48d', '#9ad9b0'],
  },
  light: {
    palette: lightPalette,
    sea: '#dbe6ef',
    land: '#f7f9fb',
    border: '#b9c6d2',
    coast: '#8fa2b3',
    graticule: '#cbd8e3',
    heat: ['#d8ebe0', '#b2d8c3', '#83bfa2', '#549f80', '#2f7d60', '#155a42'],
  },
};

export const globeColours = (scheme: 'dark' | 'light'): GlobeColours => colours[scheme];

export type Rgba = [red: number, green: number, blue: number, alpha: number];

/** `#rrggbb` as deck.gl wants colours; `opacity` from 0 to 1. */
export function rgba(hex: string, opacity = 1): Rgba {
  const part = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5), Math.round(255 * Math.min(1, Math.max(0, opacity)))];
}
