/** Text within drawings. */
import { Text } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import { printable, SANS, shorten } from './fonts.ts';
import { h, ink } from './page-theme.ts';

export interface SvgTextOptions {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly family?: string;
  readonly colour?: string;
  readonly bold?: boolean;
  /** Characters that there is room for. */
  readonly room?: number;
}

export function svgText(x: number, y: number, text: string, options: SvgTextOptions = {}): ReactElement {
  const { size = 6.5, anchor = 'start', family = SANS, colour = ink.dim, bold = false, room = 80 } = options;
  const style = { fontSize: size, fontFamily: family, fontWeight: bold ? 600 : 400 };
  return h(
    Text,
    { x, y, style, fill: colour, textAnchor: anchor } as never,
    shorten(printable(text, family), room),
  );
}
