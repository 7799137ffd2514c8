/**
 * The faces of a report, and which characters they have. A character that no face has would be drawn with a font that is
 * not embedded, so every text goes through `printable` first.
 */
import { Font } from '@react-pdf/renderer';
import { fileURLToPath } from 'node:url';

export const SANS = 'Inter';
export const MONO = 'Roboto Mono';

const packaged = (module: string): string => fileURLToPath(import.meta.resolve(module));
const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../resources/fonts/${name}`, import.meta.url));

interface Face {
  hasGlyphForCodePoint(codePoint: number): boolean;
}

let hasGlyph: Readonly<Record<string, (codePoint: number) => boolean>> = {};

/**
 * Reads the faces anew, for one document. fontkit keeps each glyph as it was first asked for, and what one document asks
 * for as a part of another glyph (the stop in a colon) would bear no character in the next: its text could not be copied.
 */
export async function loadFonts(): Promise<void> {
  const inter = '@expo-google-fonts/inter';
  for (const family of [SANS, MONO]) delete Font.getRegisteredFonts()[family];
  Font.register({
    family: SANS,
    fonts: [
      { src: packaged(`${inter}/400Regular/Inter_400Regular.ttf`), fontWeight: 400 },
      { src: packaged(`${inter}/600SemiBold/Inter_600SemiBold.ttf`), fontWeight: 600 },
    ],
  });
  Font.register({ family: MONO, fonts: [{ src: shipped('RobotoMono-Regular.ttf'), fontWeight: 400 }] });
  // Addresses and names are never divided with a hyphen that is not theirs.
  Font.registerHyphenationCallback((word) => [word]);
  const tests = [SANS, MONO].map(async (fontFamily) => {
    await Font.load({ fontFamily, fontWeight: 400 });
    const face = Font.getFont({ fontFamily, fontWeight: 400 })?.data as Face | null | undefined;
    if (!face) throw new Error(`the face ${fontFamily} could not be read`);
    return [fontFamily, (codePoint: number) => face.hasGlyphForCodePoint(codePoint)] as const;
  });
  hasGlyph = Object.fromEntries(await Promise.all(tests));
}

/** Controls, and characters that change the direction of their neighbours, join them, or cannot be seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * The text as the face can show it, on one line: blanks for line ends, and `\u{5d0}` for what the face does not have or
 * what would change how the rest reads. `loadFonts` comes first.
 */
export function printable(text: string, family: string = SANS): string {
  const has = hasGlyph[family];
  let made = '';
  for (const character of text.normalize('NFC')) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (/[\t\n\r]/.test(character)) made += ' ';
    else if (unseen.test(character) || has?.(codePoint) !== true) made += `\\u{${codePoint.toString(16)}}`;
    else made += character;
  }
  return made;
}

/** Shortens in the middle, where the ends of addresses and names tell the most; of a path its end stays. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  if (text.includes('/')) return `…${text.slice(1 - length)}`;
  const tail = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}…${tail > 0 ? text.slice(-tail) : ''}`;
}

/** Shortens each word that would not fit on a line, and the whole. */
export function fitting(text: string, wordLength: number, length: number): string {
  const words = text.split(' ').map((word) => shorten(word, wordLength));
  return shorten(words.join(' '), length);
}
