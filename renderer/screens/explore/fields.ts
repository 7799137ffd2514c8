/** The fields that the screen counts by: their names, how a value reads, and what a click puts into the filter. */
import { protocolNames, serviceNames } from '../../../core/filter/names.ts';
import type { CountrySide } from '../../../core/model/place.ts';
import { formatProtocol } from '../../parts/format.ts';

export interface CountedField {
  /** The field of the query. */
  readonly field: string;
  readonly title: string;
  /** A value of it as a filter. */
  readonly term: (key: string) => string;
  /** What stands beside the value: the name of a port or protocol. */
  readonly name?: (key: string) => string;
  /** Of countries: the side. The filter language has no word for them, but for their addresses. */
  readonly side?: CountrySide;
}

const invert = (names: ReadonlyMap<string, number>): ReadonlyMap<number, string> => {
  const inverted = new Map<number, string>();
  for (const [name, value] of names) if (!inverted.has(value)) inverted.set(value, name);
  return inverted;
};

const services = invert(serviceNames);
const protocols = invert(protocolNames);

/** The service that IANA has registered for a port, or nothing. */
const serviceName = (port: string): string => services.get(Number(port)) ?? '';

const protocolName = (key: string): string => {
  const number = Number(key);
  if (Number.isNaN(number)) return key.toUpperCase();
  const common = formatProtocol(number);
  return common === key ? (protocols.get(number) ?? key).toUpperCase() : common;
};

/** An address of one site is counted as `10.0.0.5@Frankfurt`. */
function addressTerm(direction: 'src' | 'dst', key: string): string {
  const [address = '', site] = key.split('@', 2);
  return site === undefined
    ? `${direction} ip ${address}`
    : `${direction} ip ${address} and site ${quoted(site)}`;
}

/** A name as the filter language takes it: quoted where it is more than a word. */
const quoted = (name: string): string => (/^[\w.:-]+$/.test(name) ? name : `'${name.replaceAll("'", '')}'`);

export const sourceField: CountedField = {
  field: 'srcip',
  title: 'sources',
  term: (key) => addressTerm('src', key),
};
export const destinationField: CountedField = {
  field: 'dstip',
  title: 'destinations',
  term: (key) => addressTerm('dst', key),
};
export const serviceField: CountedField = {
  field: 'dstport',
  title: 'destination ports',
  term: (key) => `dst port ${key}`,
  name: serviceName,
};
export const protocolField: CountedField = {
  field: 'proto',
  title: 'protocols',
  term: (key) => `proto ${key}`,
  name: protocolName,
};
export const exporterField: CountedField = {
  field: 'exporter',
  title: 'exporters',
  term: (key) => `exporter ip ${key.split('@', 1)[0]}`,
};
export const siteField: CountedField = {
  field: 'site',
  title: 'sites',
  term: (key) => `site ${quoted(key)}`,
};
export const asField: CountedField = {
  field: 'srcas',
  title: 'source AS',
  term: (key) => `src as ${key}`,
  name: (key) => (key === '0' ? 'not told' : ''),
};

export const destinationAsField: CountedField = {
  field: 'dstas',
  title: 'destination AS',
  term: (key) => `dst as ${key}`,
  name: (key) => (key === '0' ? 'not told' : ''),
};

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const countryName = (code: string): string => (/^[A-Z]{2}$/.test(code) ? (countryNames.of(code) ?? '') : '');

export const sourceCountryField: CountedField = {
  field: 'srccountry',
  title: 'source countries',
  term: (key) => `the addresses of ${countryName(key)} as sources`,
  name: countryName,
  side: 'source',
};
export const destinationCountryField: CountedField = {
  field: 'dstcountry',
  title: 'destination countries',
  term: (key) => `the addresses of ${countryName(key)} as destinations`,
  name: countryName,
  side: 'destination',
};

/** What the timeline can be stacked by, under the names of its buttons. */
export const splits: readonly { readonly label: string; readonly counted: CountedField }[] = [
  { label: 'protocol', counted: protocolField },
  { label: 'port', counted: serviceField },
  { label: 'exporter', counted: exporterField },
  { label: 'AS', counted: asField },
];

/** A value with its name: `443 https`, `TCP`, `other`. */
export function keyLabel(field: CountedField, key: string): string {
  if (key === 'other') return 'other';
  const name = field.name?.(key) ?? '';
  if (field === protocolField) return name;
  if (field === asField) return name === '' ? `AS${key}` : name;
  return name === '' ? key || 'not told' : `${key} ${name}`;
}
