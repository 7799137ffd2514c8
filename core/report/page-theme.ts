/** Colours and measures on white paper. Each colour has a contrast of 4.5 or more where it bears text. */
import { StyleSheet } from '@react-pdf/renderer';
import { createElement } from 'react';
import { SANS } from './fonts.ts';

export const h = createElement;

export const ink = {
  text: '#16202b',
  dim: '#52606d',
  line: '#d3dae1',
  panel: '#f3f6f8',
  blue: '#0b62a0',
  amber: '#9a5200',
  violet: '#6a3fb5',
  red: '#b3261e',
  grey: '#66727e',
  land: '#e6ebef',
  coast: '#bcc7d0',
} as const;

/** Told apart by lightness too, for those who do not see colours and for grey printers. */
export const seriesColours = ['#0b4f82', '#3f9bd1', '#b8791a', '#6f4fb8', '#5f9e6e', '#b9c3cc'] as const;

const MARGIN = 44;

export const paper = {
  a4: { size: 'A4', width: 595.28, height: 841.89 },
  letter: { size: 'LETTER', width: 612, height: 792 },
} as const;

/** Points between the margins. */
export const contentWidth = (size: keyof typeof paper): number => paper[size].width - 2 * MARGIN;

export const styles = StyleSheet.create({
  page: {
    fontFamily: SANS,
    fontSize: 9,
    lineHeight: 1.4,
    color: ink.text,
    paddingTop: 58,
    paddingBottom: 58,
    paddingHorizontal: MARGIN,
  },
  /** Where that saves a page. */
  closePage: { paddingTop: 53, paddingBottom: 50 },
  running: {
    position: 'absolute',
    left: MARGIN,
    right: MARGIN,
    flexDirection: 'row',
    justifyContent: 'space-between',
    fontSize: 7.5,
    color: ink.dim,
  },
  eyebrow: { fontSize: 8, color: ink.dim, letterSpacing: 0.8, textTransform: 'uppercase' },
  title: { fontSize: 22, fontWeight: 600, lineHeight: 1.2, marginTop: 2 },
  answer: { fontSize: 12, lineHeight: 1.45, marginTop: 10 },
  question: { fontSize: 9, color: ink.dim, marginTop: 4 },
  sectionTitle: { fontSize: 13, fontWeight: 600, lineHeight: 1.3, marginTop: 10, marginBottom: 4 },
  caption: { fontSize: 8.5, fontWeight: 600, marginBottom: 3 },
  small: { fontSize: 7.5, color: ink.dim },
  block: { marginBottom: 10 },
});
