/**
 * Which registry keeps an address or an AS number: the bootstrap tables of IANA (RFC 9224, resources/geo/rdap), and where
 * the five registries answer WHOIS (RFC 3912).
 */
import { formatAddress, parseAddress } from '../model/address.ts';
import { parsePrefix, PrefixTable } from './prefix-table.ts';

/** What a registry can be asked for. */
export type RegistryQuery =
  | { readonly kind: 'address'; readonly bytes: Uint8Array; readonly text: string }
  | { readonly kind: 'asn'; readonly asn: number; readonly text: string };

export interface Registry {
  readonly name: string;
  /** Base of its RDAP service, with a slash at the end. */
  readonly rdap: string;
  readonly whois: string;
}

/** The registries by the hosts of their RDAP services. */
const byHost: Readonly<Record<string, Omit<Registry, 'rdap'>>> = {
  'rdap.afrinic.net': { name: 'AFRINIC', whois: 'whois.afrinic.net' },
  'rdap.apnic.net': { name: 'APNIC', whois: 'whois.apnic.net' },
  'rdap.arin.net': { name: 'ARIN', whois: 'whois.arin.net' },
  'rdap.db.ripe.net': { name: 'RIPE NCC', whois: 'whois.ripe.net' },
  'rdap.lacnic.net': { name: 'LACNIC', whois: 'whois.lacnic.net' },
};

/** Registries of countries that those of a region send on to. */
const nationalHosts = ['rdap.registro.br', 'rdap.nic.mx'];

/** An address, an AS number as `AS24940` or as a number; undefined for anything else. */
export function parseRegistryQuery(text: string): RegistryQuery | undefined {
  const [, number] = /^(?:AS)?(\d{1,10})$/i.exec(text.trim()) ?? [];
  if (number !== undefined) {
    const asn = Number(number);
    return asn <= 0xffff_ffff ? { kind: 'asn', asn, text: `AS${asn}` } : undefined;
  }
  const bytes = parseAddress(text.trim());
  return bytes && { kind: 'address', bytes, text: formatAddress(bytes) };
}

/** The path of a query below a registry's base (RFC 9082, section 3.1). */
export function rdapPath(query: RegistryQuery): string {
  return query.kind === 'asn' ? `autnum/${query.asn}` : `ip/${query.text}`;
}

export class RegistryTable {
  readonly registries: readonly Registry[];
  /** Hosts that may be asked: an answer cannot send a look-up anywhere else. */
  readonly rdapHosts: ReadonlySet<string>;
  readonly whoisHosts: ReadonlySet<string>;
  readonly #addresses: PrefixTable<Registry>;
  readonly #systems: readonly {
    readonly first: number;
    readonly last: number;
    readonly registry: Registry;
  }[];

  /** Takes the texts of ipv4.json, ipv6.json and asn.json. Throws where they are not of their shape. */
  constructor(texts: readonly [ipv4: string, ipv6: string, asn: string]) {
    const [ipv4, ipv6, asn] = texts.map(servicesOf);
    const known = new Map<string, Registry>();
    const registryOf = (urls: readonly string[]): Registry => {
      const rdap = urls.find((url) => url.startsWith('https://'));
      const host = /^https:\/\/([^/]+)\//.exec(rdap ?? '')?.[1] ?? '';
      const registry = known.get(host);
      if (registry) return registry;
      const named = byHost[host];
      if (!named || rdap === undefined) throw new Error(`"${urls.join(', ')}" is of no registry`);
      const made = { ...named, rdap };
      known.set(host, made);
      return made;
    };
    this.#addresses = new PrefixTable(
      [...(ipv4 ?? []), ...(ipv6 ?? [])].flatMap(([ranges, urls]) =>
        ranges.map((range) => {
          const prefix = parsePrefix(range);
          if (!prefix) throw new Error(`"${range}" is no range of addresses`);
          return { prefix, value: registryOf(urls) };
        }),
      ),
    );
    this.#systems = (asn ?? []).flatMap(([ranges, urls]) =>
      ranges.map((range) => {
        const [first = Number.NaN, last = first] = range.split('-').map(Number);
        if (!(first <= last)) throw new Error(`"${range}" is no range of AS numbers`);
        return { first, last, registry: registryOf(urls) };
      }),
    );
    this.registries = [...known.values()];
    this.rdapHosts = new Set([...known.keys(), ...nationalHosts]);
    this.whoisHosts = new Set(this.registries.map(({ whois }) => whois));
  }

  /** Undefined where no registry has it: reserved, private or not yet given out. */
  find(query: RegistryQuery): Registry | undefined {
    if (query.kind === 'address') return this.#addresses.find(query.bytes);
    return this.#systems.find(({ first, last }) => query.asn >= first && query.asn <= last)?.registry;
  }
}

type Service = readonly [ranges: readonly string[], urls: readonly string[]];

/** The list of services of a bootstrap file (RFC 9224, section 3). */
function servicesOf(text: string): readonly Service[] {
  const { services } = JSON.parse(text) as { readonly services?: unknown };
  const texts = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string');
  const sound = (service: unknown): service is Service =>
    Array.isArray(service) && texts(service[0]) && texts(service[1]);
  if (!Array.isArray(services) || !services.every(sound)) throw new Error('no bootstrap file of RFC 9224');
  return services;
}
