/**
 * The fields that flows are counted by: nfdump's names (`nfdump -s`) and the names of IPFIX elements.
 *
 * A field without a side (`ip`, `port`, `as`, `if`, `net`, `country`, `vlan`) counts a flow twice: under what its source
 * has and under what its destination has. Of several such fields both take the same side.
 */
import { addressScopeOf, formatAddress, type AddressTable } from '../model/address.ts';
import { ApiError } from '../model/api-error.ts';
import {
  coreColumnNames,
  type CoreColumnName,
  type CoreColumns,
  type SitedBatch,
} from '../model/flow-batch.ts';
import { elementColumn, numberColumn, textColumn, type CodedColumn, type TextTable } from './coded-column.ts';
import type { KernelHelp } from './kernel.ts';

export type Side = 'source' | 'destination';

export interface Field {
  /** Words of 32 bits a value takes in a key. */
  readonly width: number;
  /** Which of the words is the number of a text; undefined: none. */
  readonly textWord?: number;
  /** Counted once for each side. */
  readonly bothSides: boolean;
  /** Where the value is a number of at most 16 bits: the column that holds it. */
  readonly shortColumn?: ((side: Side) => ShortColumnName) | undefined;
  /** Where the value is the address itself, the same at every site: the column that holds it. */
  readonly addressColumn?: ((side: Side) => 'sourceAddress' | 'destinationAddress') | undefined;
  bind(batch: SitedBatch, side: Side, texts: TextTable): CodedColumn;
  format(words: Uint32Array, at: number, texts: readonly string[]): string;
}

/** The columns of a side, in both spellings. */
const sided = {
  source: {
    address: 'sourceAddress',
    port: 'sourceTransportPort',
    as: 'bgpSourceAsNumber',
    interface: 'ingressInterface',
  },
  destination: {
    address: 'destinationAddress',
    port: 'destinationTransportPort',
    as: 'bgpDestinationAsNumber',
    interface: 'egressInterface',
  },
} as const satisfies Record<Side, Record<string, CoreColumnName>>;

type Quantity = 'address' | 'net' | 'port' | 'as' | 'interface' | 'country' | 'vlan' | 'mask' | 'mac';

/** nfdump's names of what has two sides; `any`: counted for both. */
const sidedNames: Readonly<Record<string, readonly [Quantity, Side | 'any']>> = {
  srcip: ['address', 'source'],
  dstip: ['address', 'destination'],
  ip: ['address', 'any'],
  sourceAddress: ['address', 'source'],
  destinationAddress: ['address', 'destination'],
  sourceIPv4Address: ['address', 'source'],
  sourceIPv6Address: ['address', 'source'],
  destinationIPv4Address: ['address', 'destination'],
  destinationIPv6Address: ['address', 'destination'],
  srcnet: ['net', 'source'],
  dstnet: ['net', 'destination'],
  net: ['net', 'any'],
  srcport: ['port', 'source'],
  dstport: ['port', 'destination'],
  port: ['port', 'any'],
  srcas: ['as', 'source'],
  dstas: ['as', 'destination'],
  as: ['as', 'any'],
  inif: ['interface', 'source'],
  outif: ['interface', 'destination'],
  if: ['interface', 'any'],
  srccountry: ['country', 'source'],
  dstcountry: ['country', 'destination'],
  country: ['country', 'any'],
  srcvlan: ['vlan', 'source'],
  dstvlan: ['vlan', 'destination'],
  vlan: ['vlan', 'any'],
  srcmask: ['mask', 'source'],
  dstmask: ['mask', 'destination'],
  srcmac: ['mac', 'source'],
  dstmac: ['mac', 'destination'],
};

/** nfdump's names of single columns. */
const columnNames: Readonly<Record<string, CoreColumnName>> = {
  proto: 'protocolIdentifier',
  tos: 'ipClassOfService',
  srctos: 'ipClassOfService',
  flags: 'tcpControlBits',
};

/** nfdump's names of elements that have no column of their own; the first that a row has counts. */
const elementNames: Readonly<Record<string, readonly string[]>> = {
  nhip: ['ipNextHopIPv4Address', 'ipNextHopIPv6Address'],
  nhbip: ['bgpNextHopIPv4Address', 'bgpNextHopIPv6Address'],
  dir: ['flowDirection'],
  dsttos: ['postIpClassOfService'],
  app: ['applicationName', 'applicationId'],
};

const sidedElements = {
  vlan: {
    source: ['vlanId', 'dot1qVlanId'],
    destination: ['postVlanId', 'postDot1qVlanId'],
  },
  mask: {
    source: ['sourceIPv4PrefixLength', 'sourceIPv6PrefixLength'],
    destination: ['destinationIPv4PrefixLength', 'destinationIPv6PrefixLength'],
  },
  mac: {
    source: ['sourceMacAddress'],
    destination: ['destinationMacAddress', 'postDestinationMacAddress'],
  },
} as const;

/** Compiles a field name. Throws ApiError `usage` for a name that nothing has. */
export function fieldNamed(name: string, help: KernelHelp): Field {
  const [base = '', prefix] = name.split('/', 2);
  const known = sidedNames[base];
  if (prefix !== undefined && known?.[0] !== 'net') throw unknownField(name);
  if (known) return sidedField(known[0], known[1], prefix, name, help);
  const column = columnNames[base] ?? coreColumnNames.find((core) => core === base);
  if (base === 'exporter' || base === 'router') return exporterField(({ address }) => address);
  if (base === 'site') return exporterField((_, site) => site);
  if (column && isNumberColumn(column)) return numberField(() => column, false, String);
  const elements = elementNames[base] ?? (help.isElement(base) ? [base] : undefined);
  if (!elements) throw unknownField(name);
  return elementField(() => elements, false);
}

type NumberColumnName = {
  [K in CoreColumnName]: CoreColumns[K] extends Float64Array ? never : K;
}[CoreColumnName];

/** Columns of at most 16 bits. */
const shortColumns = [
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
  'tcpControlBits',
  'ipClassOfService',
] as const;

export type ShortColumnName = (typeof shortColumns)[number];

function isShort(name: NumberColumnName): boolean {
  return shortColumns.some((short) => short === name);
}

function isNumberColumn(name: CoreColumnName): name is NumberColumnName {
  return !/Milliseconds$|Count$|^sourceOffset$|^(datagram|layout|exporter)$/.test(name);
}

function unknownField(name: string): ApiError {
  return new ApiError(
    'usage',
    `Nothing can be counted by "${name}": write srcip, dstip, ip, srcport, dstport, port, proto, srcas, dstas, inif, outif, srcnet/24, exporter, site, tos, flags, vlan, country or the name of an IPFIX element.`,
  );
}

function sidedField(
  quantity: Quantity,
  where: Side | 'any',
  prefix: string | undefined,
  name: string,
  help: KernelHelp,
): Field {
  const both = where === 'any';
  const of = (side: Side): Side => (both ? side : where);
  switch (quantity) {
    case 'address':
      return addressField((side) => of(side), both, { help });
    case 'net':
      return addressField((side) => of(side), both, { help, bits: prefixBits(prefix, name) });
    case 'country':
      return countryField((side) => of(side), both, help);
    case 'vlan':
    case 'mask':
    case 'mac':
      return elementField((side) => sidedElements[quantity][of(side)], both);
    default:
      return numberField((side) => sided[of(side)][quantity], both, String);
  }
}

/** Where a prefix says nothing about IPv6: a network of hosts. */
const IPV6_BITS = 64;

function prefixBits(text: string | undefined, name: string): readonly [four: number, six: number] {
  const bits = text === undefined ? 24 : /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(bits >= 0 && bits <= 128)) {
    throw new ApiError(
      'usage',
      `"${name}" has no prefix length from 0 to 128: write ${name.split('/')[0]}/24.`,
    );
  }
  return bits > 32 ? [32, bits] : [bits, IPV6_BITS];
}

function numberField(
  columnOf: (side: Side) => NumberColumnName,
  bothSides: boolean,
  text: (value: number) => string,
): Field {
  return {
    width: 1,
    bothSides,
    shortColumn: isShort(columnOf('source')) ? (side) => columnOf(side) as ShortColumnName : undefined,
    bind: (batch, side) => numberColumn(batch.columns[columnOf(side)]),
    format: (words, at) => text(words[at] ?? 0),
  };
}

function elementField(namesOf: (side: Side) => readonly string[], bothSides: boolean): Field {
  return {
    width: 1,
    textWord: 0,
    bothSides,
    bind: (batch, side, texts) => elementColumn(batch, namesOf(side), texts),
    format: (words, at, texts) => texts[words[at] ?? 0] ?? '',
  };
}

function exporterField(textOf: (exporter: SitedBatch['exporters'][number], site: string) => string): Field {
  return {
    width: 1,
    textWord: 0,
    bothSides: false,
    bind: (batch, _, texts) => {
      const names = batch.exporters.map((exporter, i) => textOf(exporter, batch.sites[i] ?? ''));
      return textColumn(batch.columns.exporter, names, texts);
    },
    format: (words, at, texts) => texts[words[at] ?? 0] ?? '',
  };
}

function countryField(sideOf: (side: Side) => Side, bothSides: boolean, { countryOf }: KernelHelp): Field {
  if (!countryOf) {
    throw new ApiError('usage', 'Countries are not known: no database of places is installed.');
  }
  return {
    width: 1,
    textWord: 0,
    bothSides,
    bind: (batch, side, texts) => {
      const { addresses } = batch;
      const countries = Array.from({ length: addresses.count }, (_, code) => {
        const family = addresses.family(code);
        if (family === 0) return '';
        return countryOf(addresses.bytes.subarray(code * 16, code * 16 + (family === 4 ? 4 : 16)));
      });
      return textColumn(batch.columns[sided[sideOf(side)].address], countries, texts);
    },
    format: (words, at, texts) => texts[words[at] ?? 0] ?? '',
  };
}

interface AddressOptions {
  readonly help: KernelHelp;
  /** Prefix lengths, for networks. */
  readonly bits?: readonly [four: number, six: number];
}

/** Family, site (none for an address that means the same everywhere), and 16 bytes. */
const ADDRESS_WORDS = 6;

function addressField(
  sideOf: (side: Side) => Side,
  bothSides: boolean,
  { help, bits }: AddressOptions,
): Field {
  return {
    width: ADDRESS_WORDS,
    textWord: 1,
    bothSides,
    addressColumn: bits || help.severalSites ? undefined : (side) => sided[sideOf(side)].address,
    bind: (batch, side, texts) => {
      const { addresses } = batch;
      const column = batch.columns[sided[sideOf(side)].address];
      const write = addressWriter(addresses, bits);
      const places = help.severalSites ? sitesOf(batch) : undefined;
      if (!places)
        return {
          codes: column,
          size: addresses.count,
          write: (code, words, at) => write(code, 0, words, at),
        };
      const numbers = places.names.map((site) => texts.code(site));
      const local = localAddresses(addresses);
      if (numbers.length === 1) {
        const [only = 0] = numbers;
        return {
          codes: column,
          size: addresses.count,
          write: (code, words, at) => write(code, local[code] === 1 ? only : 0, words, at),
        };
      }
      // Several sites in one batch: a code is an address and a site; what is not local is of no site.
      const { exporter } = batch.columns;
      const size = numbers.length + 1;
      const codes = column.map((code, row) =>
        local[code] === 1 ? code * size + 1 + (places.ofExporter[exporter[row] ?? 0] ?? 0) : code * size,
      );
      return {
        codes,
        size: addresses.count * size,
        write: (code, words, at) => {
          const site = code % size;
          write((code - site) / size, site === 0 ? 0 : (numbers[site - 1] ?? 0), words, at);
        },
      };
    },
    format: (words, at, texts) => formatKey(words, at, texts, bits),
  };
}

function addressWriter(
  { bytes, families }: AddressTable,
  bits: AddressOptions['bits'],
): (code: number, site: number, words: Uint32Array, at: number) => void {
  return (code, site, words, at) => {
    const family = families[code] ?? 0;
    words[at] = family;
    words[at + 1] = site;
    if (family === 4 && (!bits || bits[0] === 32)) {
      const from = code * 16;
      words[at + 2] =
        ((bytes[from] as number) << 24) |
        ((bytes[from + 1] as number) << 16) |
        ((bytes[from + 2] as number) << 8) |
        (bytes[from + 3] as number);
      words[at + 3] = words[at + 4] = words[at + 5] = 0;
      return;
    }
    let left = family === 0 ? 0 : bits ? bits[family === 4 ? 0 : 1] : 128;
    for (let word = 0; word < 4; word++, left -= 32) {
      const from = code * 16 + word * 4;
      const value =
        ((bytes[from] ?? 0) << 24) |
        ((bytes[from + 1] ?? 0) << 16) |
        ((bytes[from + 2] ?? 0) << 8) |
        (bytes[from + 3] ?? 0);
      words[at + 2 + word] = left >= 32 ? value : left <= 0 ? 0 : value & (-1 << (32 - left));
    }
  };
}

function formatKey(
  words: Uint32Array,
  at: number,
  texts: readonly string[],
  bits: AddressOptions['bits'],
): string {
  const family = words[at] ?? 0;
  if (family === 0) return '';
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (words[at + 2 + (i >> 2)] ?? 0) >>> (24 - 8 * (i & 3));
  const prefix = bits ? `/${bits[family === 4 ? 0 : 1]}` : '';
  const site = words[at + 1] ?? 0;
  return `${formatAddress(bytes)}${prefix}${site === 0 ? '' : `@${texts[site] ?? ''}`}`;
}

function localAddresses({ count, bytes, families }: AddressTable): Uint8Array {
  const local = new Uint8Array(count);
  for (let code = 1; code < count; code++) {
    const address = bytes.subarray(code * 16, code * 16 + (families[code] === 4 ? 4 : 16));
    local[code] = addressScopeOf(address) === 'public' ? 0 : 1;
  }
  return local;
}

function sitesOf(batch: SitedBatch): {
  readonly names: readonly string[];
  readonly ofExporter: readonly number[];
} {
  const names = [...new Set(batch.sites)];
  return { names, ofExporter: batch.sites.map((site) => names.indexOf(site)) };
}
