/**
 * Answers of WHOIS (RFC 3912). The protocol fixes no format: the registries write `key: value` lines in objects that an
 * empty line ends, RIPE NCC, APNIC, AFRINIC and LACNIC after RPSL (RFC 2622), ARIN with keys of its own.
 */
import type { RegistryQuery } from './registries.ts';
import { clean, cleanContacts, cleanCountry, cleanDay, type RegistrationFacts } from './registration.ts';

export interface WhoisAnswer {
  /** Undefined where the answer holds no network and no AS number. */
  readonly facts: RegistrationFacts | undefined;
  /** The server that it sends on to. */
  readonly referral: { readonly host: string; readonly port: number } | undefined;
}

const MAX_LINES = 5000;
const WHOIS_PORT = 43;

/** The line that a server is sent: ARIN wants to be told what is looked for, and to answer in full. */
export function whoisRequest(query: RegistryQuery, server: string): string {
  const plain = query.text;
  if (server !== 'whois.arin.net') return plain;
  return query.kind === 'asn' ? `a + ${query.asn}` : `n + ${plain}`;
}

export function readWhois(text: string): WhoisAnswer {
  const lines = text.split(/\r?\n/, MAX_LINES);
  const pairs = lines.map(pairOf).filter((pair) => pair !== undefined);
  // Of several networks the last is the smallest; what follows is about it.
  const start = pairs.findLastIndex(([key]) => rangeKeys.has(key));
  return {
    facts: start < 0 ? undefined : factsOf(pairs.slice(start), lines),
    referral: referralOf(pairs),
  };
}

type Pair = readonly [key: string, value: string];

const rangeKeys = new Set(['inetnum', 'inet6num', 'aut-num', 'netrange', 'asnumber']);

/** Comments begin with `%` or `#`. */
function pairOf(line: string): Pair | undefined {
  const [, key, value] = /^([A-Za-z][\w -]{0,40}):\s*(\S.*)$/.exec(line.slice(0, 1000)) ?? [];
  return key === undefined || value === undefined ? undefined : [key.toLowerCase(), clean(value)];
}

function factsOf(pairs: readonly Pair[], lines: readonly string[]): RegistrationFacts {
  const first = (...keys: readonly string[]): string => {
    for (const key of keys) {
      const found = pairs.find(([name]) => name === key);
      if (found) return found[1];
    }
    return '';
  };
  const every = (...keys: readonly string[]): string[] =>
    pairs.filter(([key]) => keys.includes(key)).map(([, value]) => value);
  const range = pairs[0]?.[1] ?? '';
  const commented = lines.map((line) => /^% Abuse contact for '.*' is '([^']+)'/.exec(line)?.[1]);
  return {
    range: pairs[0]?.[0] === 'asnumber' ? `AS${range}` : range,
    handle: first('nethandle', 'ashandle', 'ownerid', 'org'),
    name: first('netname', 'as-name', 'asname'),
    owner: first('orgname', 'org-name', 'owner', 'organization', 'custname', 'descr'),
    country: cleanCountry(first('country')),
    abuse: cleanContacts([...commented, ...every('abuse-mailbox', 'orgabuseemail')]),
    registered: cleanDay(first('regdate', 'created')),
    changed: cleanDay(first('updated', 'last-modified', 'changed')),
  };
}

/** `ReferralServer: whois://whois.ripe.net:43` (ARIN), `refer: whois.arin.net` (IANA). */
function referralOf(pairs: readonly Pair[]): WhoisAnswer['referral'] {
  for (const [key, value] of pairs) {
    if (key !== 'referralserver' && key !== 'refer' && key !== 'whois') continue;
    const [, host, port] = /^(?:whois:\/\/)?([a-z0-9.-]{1,253})(?::(\d{1,5}))?\/?$/i.exec(value) ?? [];
    if (host === undefined) continue;
    return { host: host.toLowerCase(), port: port === undefined ? WHOIS_PORT : Number(port) };
  }
  return undefined;
}
