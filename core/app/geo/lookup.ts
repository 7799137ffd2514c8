/**
 * Looking up at the registries who holds an address or an AS number: RDAP first, WHOIS where that gives nothing. It is the
 * one thing in this program that speaks to the internet, and it does so only when a person asks.
 */
import { embeddedIPv4 } from '../../geo/special-ranges.ts';
import { readRdap } from '../../geo/rdap.ts';
import { parseRegistryQuery, rdapPath, RegistryTable, type RegistryQuery } from '../../geo/registries.ts';
import { ApiError } from '../../model/api-error.ts';
import type { Registration } from '../../model/place.ts';
import { geoTables } from './book.ts';
import { keepAnswer, keptAnswer } from './lookup-cache.ts';
import { askRdap } from './rdap.ts';
import { internet, NoAnswer, type Transport } from './transport.ts';
import { askWhois } from './whois.ts';
import { resourceText } from '../resources.ts';

/** Holders change seldom; what is kept for longer is asked again. */
const KEPT_MS = 7 * 86_400_000;
const MAX_TEXT = 65_536;

export interface LookUpOptions {
  /** Where answers are kept. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Ask also where an answer is kept. */
  readonly again?: boolean | undefined;
  /** Which of the two to ask; absent: RDAP, and WHOIS where that gives nothing. */
  readonly only?: 'rdap' | 'whois' | undefined;
  readonly transport?: Transport;
  readonly now?: () => number;
}

/**
 * Rejects with ApiError: `usage` (no address, or one that no registry holds), `no-answer` (no registry could be asked, and
 * nothing is kept); and with the signal's reason.
 */
export async function lookUp(text: string, options: LookUpOptions): Promise<Registration> {
  const query = askableOf(text);
  const registry = registryTable().find(query);
  if (!registry)
    throw new ApiError('usage', `${query.text} is held by no registry: it is reserved, or not given out.`);
  const { folder, signal, again, only, transport = internet, now = Date.now } = options;
  const kept = await keptAnswer(folder, query.text);
  const usable = kept && (only === undefined || kept.protocol === only) ? kept : undefined;
  if (usable && again !== true && now() - usable.fetchedMs < KEPT_MS) return usable;
  const asked: string[] = [];
  const failures: string[] = [];
  const attempts = [
    ...(only === 'whois' ? [] : [() => byRdap(query, registry.rdap, asked, transport, signal)]),
    ...(only === 'rdap' ? [] : [() => byWhois(query, registry.whois, asked, transport, signal)]),
  ];
  for (const attempt of attempts) {
    try {
      const answer = await attempt();
      const made: Registration = {
        query: query.text,
        ...answer,
        asked,
        registry: registryOf(answer.server),
        fetchedMs: now(),
        cached: false,
        text: answer.text.slice(0, MAX_TEXT),
        notes: [...failures, ...answer.notes],
      };
      await keepAnswer(folder, made);
      return made;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      failures.push(`${hostOf(asked.at(-1) ?? registry.name)} ${error.message}.`);
    }
  }
  if (usable) {
    return { ...usable, notes: [...usable.notes, ...failures, 'This is the answer of an earlier look-up.'] };
  }
  throw new ApiError('no-answer', `Nothing was learnt of ${query.text}. ${failures.join(' ')}`);
}

type Answer = Omit<Registration, 'query' | 'asked' | 'registry' | 'fetchedMs' | 'cached'>;

async function byRdap(
  query: RegistryQuery,
  base: string,
  asked: string[],
  transport: Transport,
  signal: AbortSignal,
): Promise<Answer> {
  const hosts = registryTable().rdapHosts;
  const { url, value, text } = await askRdap(base, rdapPath(query), hosts, asked, transport, signal);
  const facts = readRdap(value);
  if (!facts) throw new NoAnswer('sent an answer that is of no network and no AS number');
  return { protocol: 'rdap', server: url, ...facts, text, notes: [] };
}

async function byWhois(
  query: RegistryQuery,
  server: string,
  asked: string[],
  transport: Transport,
  signal: AbortSignal,
): Promise<Answer> {
  const hosts = registryTable().whoisHosts;
  const reply = await askWhois(server, query, hosts, asked, transport, signal);
  return { protocol: 'whois', server: reply.server, ...reply.facts, text: reply.text, notes: reply.notes };
}

/** What is asked for: the IPv4 address of an IPv6 address that holds one. Throws ApiError `usage`. */
function askableOf(text: string): RegistryQuery {
  const query = parseRegistryQuery(text);
  if (!query) {
    throw new ApiError(
      'usage',
      `"${text}" is no address and no AS number: write 46.4.20.11, 2a01:4f8::1 or AS24940.`,
    );
  }
  if (query.kind === 'asn') return query;
  const entry = geoTables().special.find(query.bytes);
  const embedded = entry && embeddedIPv4(entry, query.bytes);
  if (embedded) return askableOf(embedded.text);
  if (entry && entry.nature !== 'anycast') {
    const { name, range, rfc } = entry.range;
    throw new ApiError('usage', `${query.text} is held by nobody: ${range} is for ${name} (${rfc}).`);
  }
  return query;
}

let table: RegistryTable | undefined;

function registryTable(): RegistryTable {
  const read = (name: string): string => resourceText(`geo/rdap/${name}`);
  return (table ??= new RegistryTable([read('ipv4.json'), read('ipv6.json'), read('asn.json')]));
}

const hostOf = (server: string): string => (URL.canParse(server) ? new URL(server).hostname : server);

function registryOf(server: string): string | null {
  const host = hostOf(server);
  const found = registryTable().registries.find(({ rdap, whois }) => whois === host || hostOf(rdap) === host);
  return found?.name ?? null;
}
