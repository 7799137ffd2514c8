/** What a registry's answer comes to, whether it came by RDAP or WHOIS. */
import type { Registration } from '../model/place.ts';

/** The part that is in the answer itself. */
export type RegistrationFacts = Pick<
  Registration,
  'range' | 'handle' | 'name' | 'owner' | 'country' | 'abuse' | 'registered' | 'changed'
>;

const MAX_TEXT = 300;
const MAX_CONTACTS = 10;

/** One line without control characters, of bounded length. */
export function clean(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}

/** Alpha-2, empty where it is none; WHOIS has `EU` and the like, which stay. */
export const cleanCountry = (value: unknown): string =>
  /^[A-Za-z]{2}$/.exec(clean(value))?.[0].toUpperCase() ?? '';

/** `2009-03-13T10:28:27Z`, `20090313` and `2009-03-13` as ISO days; null for anything else. */
export function cleanDay(value: unknown): string | null {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(clean(value)) ?? [];
  return year === undefined ? null : `${year}-${month}-${day}`;
}

/** Distinct mail addresses. */
export function cleanContacts(values: readonly unknown[]): string[] {
  const mails = values.map(clean).filter((text) => /^[^\s@]+@[^\s@]+$/.test(text));
  return [...new Set(mails)].slice(0, MAX_CONTACTS);
}
