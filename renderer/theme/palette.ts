/** The colours of the workstation. Each carries one meaning everywhere; the stylesheet holds the same as variables. */

export interface Palette {
  readonly background: string;
  readonly panel: string;
  readonly raised: string;
  readonly line: string;
  readonly ink: string;
  readonly dim: string;
  /** Lines and marks only: too pale to read. */
  readonly faint: string;
  /** The connection under investigation. */
  readonly amber: string;
  /** An observed hop. */
  readonly blue: string;
  /** A NAT twin. */
  readonly violet: string;
  /** Healthy. */
  readonly green: string;
  /** Loss or danger. */
  readonly red: string;
  /** Parts of a whole in a chart: colours without a meaning of their own. The last is for the rest. */
  readonly series: readonly string[];
  readonly rest: string;
}

export const darkPalette: Palette = {
  background: '#0d1117',
  panel: '#131a22',
  raised: '#19222c',
  line: '#263240',
  ink: '#dbe4ee',
  dim: '#8696a7',
  faint: '#5a6a7a',
  amber: '#ffb454',
  blue: '#4cc2ff',
  violet: '#b58cff',
  green: '#5fd38d',
  red: '#ff6b6b',
  series: ['#3f9bd1', '#46b5a6', '#8b9bea', '#c9b37a', '#b685a8', '#7fa65f', '#c98a72', '#8fb3c9'],
  rest: '#445465',
};

export const lightPalette: Palette = {
  background: '#f4f6f9',
  panel: '#ffffff',
  raised: '#e9eef4',
  line: '#ccd6e0',
  ink: '#17212b',
  dim: '#4d5c6b',
  faint: '#8797a6',
  amber: '#945600',
  blue: '#0a67a3',
  violet: '#6a3fc0',
  green: '#1c733f',
  red: '#c02b26',
  series: ['#2f86be', '#2a9486', '#6d7dd8', '#a8904a', '#9c6390', '#5f8a40', '#b06a50', '#5f8ba8'],
  rest: '#a9b6c2',
};
