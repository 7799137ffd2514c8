/** Answers of RDAP (RFC 9083): networks and AS numbers, with their entities as jCards (RFC 7095). */
import { clean, cleanContacts, cleanCountry, cleanDay, type RegistrationFacts } from './registration.ts';

const MAX_DEPTH = 4;
const MAX_ENTITIES = 200;

type Json = Readonly<Record<string, unknown>>;

/** Reads an answer; undefined where it is neither a network nor an AS number. Everything in it may be malformed. */
export function readRdap(value: unknown): RegistrationFacts | undefined {
  const answer = objectOf(value);
  const kind = answer['objectClassName'];
  if (kind !== 'ip network' && kind !== 'autnum') return undefined;
  const entities = entitiesOf(answer);
  const withRole = (role: string): Entity[] => entities.filter(({ roles }) => roles.includes(role));
  const owner =
    [...withRole('registrant'), ...withRole('administrative')].map(({ name }) => name).find(Boolean) ??
    remarkOf(answer);
  return {
    range: kind === 'autnum' ? systemsOf(answer) : networkOf(answer),
    handle: clean(answer['handle']),
    name: clean(answer['name']),
    owner,
    country: cleanCountry(answer['country']) || (withRole('registrant')[0]?.country ?? ''),
    abuse: cleanContacts(withRole('abuse').flatMap(({ mails }) => mails)),
    registered: eventOf(answer, 'registration'),
    changed: eventOf(answer, 'last changed'),
  };
}

/** What an error answer says (RFC 9083, section 6); empty where it says nothing. */
export function readRdapError(value: unknown): string {
  const answer = objectOf(value);
  return [answer['title'], ...listOf(answer['description'])].map(clean).filter(Boolean).join(': ');
}

function networkOf({ startAddress, endAddress }: Json): string {
  const [start, end] = [clean(startAddress), clean(endAddress)];
  return start === '' || end === '' ? start : `${start} - ${end}`;
}

function systemsOf({ startAutnum, endAutnum }: Json): string {
  if (typeof startAutnum !== 'number') return '';
  return typeof endAutnum !== 'number' || endAutnum === startAutnum
    ? `AS${startAutnum}`
    : `AS${startAutnum} - AS${endAutnum}`;
}

function eventOf(answer: Json, action: string): string | null {
  const event = listOf(answer['events'])
    .map(objectOf)
    .find(({ eventAction }) => eventAction === action);
  return cleanDay(event?.['eventDate']);
}

function remarkOf(answer: Json): string {
  const [first] = listOf(answer['remarks']).map(objectOf);
  return clean(listOf(first?.['description'])[0]);
}

interface Entity {
  readonly roles: readonly unknown[];
  readonly name: string;
  readonly country: string;
  readonly mails: readonly unknown[];
}

/** All entities, those within others too, outer ones first. */
function entitiesOf(answer: Json): Entity[] {
  const found: Entity[] = [];
  let level = [answer];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    level = level.flatMap(({ entities }) => listOf(entities).map(objectOf)).slice(0, MAX_ENTITIES);
    found.push(...level.map(entityOf));
  }
  return found.slice(0, MAX_ENTITIES);
}

/** A property of a jCard is [name, parameters, type, value ...]. */
function entityOf(entity: Json): Entity {
  const properties = listOf(listOf(entity['vcardArray'])[1]).map(listOf);
  const valuesOf = (name: string): unknown[] =>
    properties.filter(([key]) => key === name).map(([, , , value]) => value);
  // The last of the seven parts of an address.
  const country = listOf(valuesOf('adr')[0])[6];
  return {
    roles: listOf(entity['roles']),
    name: clean(valuesOf('fn')[0]) || clean(valuesOf('org')[0]),
    country: cleanCountry(country),
    mails: valuesOf('email'),
  };
}

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
