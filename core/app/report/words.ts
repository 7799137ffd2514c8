/** Words that the reports share. */
import { protocolNames } from '../../filter/names.ts';
import type { Place } from '../../model/place.ts';
import { epochMs, formatTime } from '../../model/time.ts';

/** `TCP` of `6`; the number where it has no name. */
export function protocolWord(protocol: string | number): string {
  for (const [name, number] of protocolNames)
    if (String(number) === String(protocol)) return name.toUpperCase().replace(/^ICMP6$/, 'ICMPv6');
  return `protocol ${protocol}`;
}

/** The name of a file, without the folders of the machine that it was on. */
export const fileName = (path: string): string => /[^/\\]*$/.exec(path)?.[0] || path;

/** Sentences in which these paths are no more than their last name. */
export const withoutFolders = (sentences: readonly string[], paths: readonly string[]): string[] =>
  sentences.map((sentence) => paths.reduce((text, path) => text.replaceAll(path, fileName(path)), sentence));

/** `2026-11-21 00:41:23.800 UTC`, in prose. */
export const momentWords = (ms: number): string =>
  `${formatTime(epochMs(ms)).replace('T', ' ').replace('Z', '')} UTC`;

export const shareOf = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** Where an address is, as far as a report may say; empty where nothing is known. */
export function placeWords(place: Place | undefined): string {
  if (!place) return '';
  const country = place.countryName ?? place.country ?? '';
  switch (place.kind) {
    case 'place':
      return [place.city, country].filter((part) => part !== undefined && part !== '').join(', ');
    case 'country':
      return country;
    case 'site':
      return [place.siteLabel, place.site === undefined ? '' : `site ${place.site}`]
        .filter((part) => part !== undefined && part !== '')
        .join(', ');
    case 'special':
      return [place.special?.name, place.site === undefined ? '' : `site ${place.site}`]
        .filter((part) => part !== undefined && part !== '')
        .join(', ');
    case 'anycast':
      return `anycast, ${place.anycast ?? ''}`;
    case 'unknown':
      return '';
  }
}

/** Sentences once each, in their order, and no more than `most`. */
export function sentences(all: readonly string[], most: number): string[] {
  const distinct = [...new Set(all)];
  if (distinct.length <= most) return distinct;
  const rest = distinct.length - most;
  return [
    ...distinct.slice(0, most),
    `${rest} more of this kind ${rest === 1 ? 'is' : 'are'} not written out.`,
  ];
}
