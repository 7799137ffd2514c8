/** Places in words that say no more than is known. */
import type { Place, PlaceSource } from '../../../core/model/place.ts';

/** `Frankfurt, Germany`; what stands for a place where there is none. */
export function placeTitle(place: Place | undefined): string {
  if (!place) return 'place not looked up';
  switch (place.kind) {
    case 'place':
      return joined(place.city ?? place.region, place.countryName ?? place.country);
    case 'country':
      return `somewhere in ${place.countryName ?? place.country ?? 'an unnamed country'}`;
    case 'site':
      return joined(place.siteLabel ?? place.site, place.countryName);
    case 'special':
      return place.site === undefined ? (place.special?.name ?? 'no place') : `site ${place.site}`;
    case 'anycast':
      return 'anycast, many places at once';
    case 'unknown':
      return 'unknown place';
  }
}

/** How far the place can be trusted, as a sentence. */
export function exactness(place: Place | undefined): string {
  if (!place) return 'Its place could not be looked up.';
  switch (place.kind) {
    case 'place':
      return place.accuracyRadiusKm === undefined
        ? 'City-level estimate: its database does not say how exact it is.'
        : `Within ${Math.round(place.accuracyRadiusKm)} km of there.`;
    case 'country':
      return 'Only the country is known: all of it is shaded.';
    case 'site':
      return 'Placed by a person, not by a database.';
    case 'special':
      return place.site === undefined
        ? `Not on the globe: ${specialText(place)} is at no place.`
        : `Not on the globe: ${specialText(place)}, and nobody has placed its site yet.`;
    case 'anycast':
      return `Not on the globe: ${place.anycast ?? 'its operator'} serves it from many places.`;
    case 'unknown':
      return 'Not on the globe: no database says where it is.';
  }
}

const specialText = ({ special }: Place): string =>
  special ? `${special.name} (${special.range}, ${special.rfc})` : 'a special address';

export const systemText = ({ asn, asOwner }: Place): string | undefined =>
  asn === undefined ? undefined : `AS${asn}${asOwner === undefined ? '' : ` ${asOwner}`}`;

/** `DB-IP City Lite, 5 June 2026 (CC-BY-4.0)` */
export function sourceText({ name, date, licence }: PlaceSource): string {
  const dated = date === null ? `${name}, of an unknown day` : `${name} of ${date}`;
  return licence === '' ? dated : `${dated} (${licence})`;
}

function joined(...parts: readonly (string | undefined)[]): string {
  const said = parts.filter((part): part is string => part !== undefined && part !== '');
  return said.length === 0 ? 'an unnamed place' : said.join(', ');
}
