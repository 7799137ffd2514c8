/** Addresses as words of 32 bits, and which of two ports is a service. */
import { formatAddress, type AddressTable } from '../model/address.ts';

export const TCP = 6;
export const UDP = 17;
const SCTP = 132;
const ICMP = 1;
const ICMP6 = 58;

export const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMP6;

/** Whether the protocol's ports name an endpoint. */
export const hasPorts = (protocol: number): boolean =>
  protocol === TCP || protocol === UDP || protocol === SCTP || protocol === 33 || protocol === 136;

/** Family and 16 bytes. */
export const ADDRESS_WORDS = 5;

/** All addresses of a batch, ADDRESS_WORDS words each, big-endian: their order as numbers is that of the addresses. */
export function addressWords({ bytes, count, families }: AddressTable): Uint32Array {
  const words = new Uint32Array(count * ADDRESS_WORDS);
  for (let code = 1; code < count; code++) {
    const family = families[code] ?? 0;
    words[code * ADDRESS_WORDS] = family;
    for (let word = 0; word < (family === 4 ? 1 : 4); word++) {
      const at = code * 16 + word * 4;
      words[code * ADDRESS_WORDS + 1 + word] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0);
    }
  }
  return words;
}

/** The address that begins at `at`; empty for none. */
export function addressText(words: Uint32Array, at: number): string {
  const family = words[at] ?? 0;
  if (family === 0) return '';
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (words[at + 1 + (i >> 2)] ?? 0) >>> (24 - 8 * (i & 3));
  return formatAddress(bytes);
}

/** Ports from 1024 on at which servers commonly wait (IANA service names and widespread use). */
const highServices: ReadonlySet<number> = new Set([
  1080, 1194, 1433, 1521, 1701, 1723, 1812, 1813, 1883, 1900, 2049, 2055, 2181, 2222, 2375, 2376, 3128, 3268,
  3306, 3389, 3478, 3690, 4222, 4433, 4500, 4739, 4789, 5000, 5060, 5061, 5222, 5269, 5353, 5355, 5432, 5671,
  5672, 5900, 5938, 5984, 5985, 5986, 6000, 6343, 6379, 6443, 6514, 6667, 6697, 7000, 7001, 8000, 8080, 8081,
  8086, 8088, 8443, 8883, 8888, 9000, 9042, 9090, 9092, 9100, 9200, 9300, 9418, 9995, 9996, 10000, 11211,
  15672, 25565, 27017, 51820,
]);

/** How much a port looks like that of a server: 0 not at all, 1 a known service, 2 below 1024. */
export function serviceRank(port: number): 0 | 1 | 2 {
  if (port === 0) return 0;
  if (port < 1024) return 2;
  return highServices.has(port) ? 1 : 0;
}
