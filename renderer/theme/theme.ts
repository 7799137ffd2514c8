/** What Mantine's components look like here. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';
import { darkPalette, lightPalette, type Palette } from './palette.ts';

export const monoFont = "'JetBrains Mono Variable', ui-monospace, 'DejaVu Sans Mono', monospace";
export const textFont = "'Inter Variable', system-ui, 'DejaVu Sans', sans-serif";

/** One colour as the ten shades that Mantine asks for: the theme uses the same one throughout. */
const flat = (colour: string): MantineColorsTuple => [
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
  colour,
];

export const theme = createTheme({
  fontFamily: textFont,
  fontFamilyMonospace: monoFont,
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  headings: { fontFamily: textFont, fontWeight: '600' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px' },
  primaryColor: 'blue',
  autoContrast: true,
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  colors: {
    blue: flat('var(--blue)'),
    amber: flat('var(--amber)'),
    violet: flat('var(--violet)'),
    green: flat('var(--green)'),
    red: flat('var(--red)'),
    // Mantine paints its dark surfaces from this scale, text first and the deepest ground last.
    dark: [
      darkPalette.ink,
      '#b4c0cd',
      darkPalette.dim,
      darkPalette.faint,
      darkPalette.line,
      darkPalette.raised,
      darkPalette.panel,
      darkPalette.background,
      '#0a0e13',
      '#070a0e',
    ],
  },
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md' } },
    Popover: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md' } },
    Modal: {
      defaultProps: { transitionProps: { duration: 0 }, closeButtonProps: { 'aria-label': 'Close' } },
      styles: { header: { minHeight: 44, paddingBlock: 8 }, title: { fontWeight: 600 } },
    },
    Button: { defaultProps: { size: 'xs', variant: 'filled' } },
    Textarea: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    FileInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs', transitionDuration: 0 } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
  },
});

const surfaces = (palette: Palette): Record<string, string> => ({
  '--background': palette.background,
  '--panel': palette.panel,
  '--raised': palette.raised,
  '--line': palette.line,
  '--ink': palette.ink,
  '--dim': palette.dim,
  '--faint': palette.faint,
  '--amber': palette.amber,
  '--blue': palette.blue,
  '--violet': palette.violet,
  '--green': palette.green,
  '--red': palette.red,
  '--mantine-color-body': palette.background,
  '--mantine-color-text': palette.ink,
  '--mantine-color-bright': palette.ink,
  '--mantine-color-dimmed': palette.dim,
  '--mantine-color-placeholder': palette.dim,
  '--mantine-color-default': palette.panel,
  '--mantine-color-default-hover': palette.raised,
  '--mantine-color-default-color': palette.ink,
  '--mantine-color-default-border': palette.line,
  '--mantine-color-error': palette.red,
  '--mantine-primary-color-contrast': palette.background,
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  dark: surfaces(darkPalette),
  light: surfaces(lightPalette),
});
