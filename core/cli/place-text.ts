/** Places in words. */
import type { ExportedAs, Place } from '../model/place.ts';
import type { TableColumn } from './table.ts';

export const placeTitles: readonly TableColumn[] = [
  { title: 'Address' },
  { title: 'Place' },
  { title: 'Coordinates' },
  { title: 'Accuracy', align: 'right' },
  { title: 'AS' },
];

export function placeRow(place: Place, exported: ExportedAs['numbers']): string[] {
  const { address, embedded, latitude, longitude, accuracyRadiusKm, kind } = place;
  const exact = kind === 'place' || kind === 'site';
  return [
    embedded === undefined ? address : `${address} (${embedded})`,
    placeWords(place),
    exact && latitude !== undefined && longitude !== undefined
      ? `${latitude.toFixed(3)}, ${longitude.toFixed(3)}`
      : '',
    kind === 'place' ? (accuracyRadiusKm === undefined ? 'unknown' : `${accuracyRadiusKm} km`) : '',
    systemWords(place, exported),
  ];
}

/** `Falkenstein, Saxony, Germany`, `private use (RFC 1918) at Seoul`, `anycast: Quad9`. */
function placeWords(place: Place): string {
  const { kind, city, region, countryName, country, special, site, siteLabel, anycast } = place;
  const range = special && `${special.name} (${special.rfc})`;
  switch (kind) {
    case 'place':
      return [...new Set([city, region, countryName ?? country])].filter(Boolean).join(', ');
    case 'country':
      return `${countryName ?? country}, country only`;
    case 'site':
      return `${range} at ${site}${siteLabel === undefined ? '' : `, ${siteLabel}`}`;
    case 'special':
      return `${range}${site === undefined ? '' : ` at ${site}`}`;
    case 'anycast':
      return `anycast, no single place: ${anycast}`;
    default:
      return 'unknown';
  }
}

function systemWords({ asn, asOwner }: Place, exported: ExportedAs['numbers']): string {
  const known = asn === undefined ? [] : [`AS${asn}${asOwner === undefined ? '' : ` ${asOwner}`}`];
  const told = exported.map(({ asn: number }) => `AS${number}`);
  return [...known, ...(told.length === 0 ? [] : [`${told.join(', ')} by exporters`])].join('; ');
}

/** A line for each source that was used, with the credit that its makers ask for. */
export function creditLines(places: readonly Place[]): string[] {
  const lines = places
    .flatMap(({ sources }) => sources)
    .filter(({ credit }) => credit !== '')
    .map(({ name, date, licence, credit, url }) => {
      const parts = [credit, licence, url ?? ''].filter((part) => part !== '');
      return `${name}${date === null ? '' : ` of ${date}`}: ${parts.join(', ')}`;
    });
  return [...new Set(lines)];
}
