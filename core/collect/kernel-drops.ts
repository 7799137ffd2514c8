/**
 * What the kernel threw away before we could read it.
 *
 * /proc/net/udp and udp6 have a line a socket: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
 * ref pointer drops`. `local_address` is hexadecimal: the IPv4 address as one little-endian 32-bit word, IPv6 as four of
 * them, then the port. `drops` counts datagrams that came while the socket's buffer was full.
 */
import { readFileSync } from 'node:fs';
import { parseAddress } from '../model/address.ts';

/** Datagrams dropped at the UDP socket bound to `host` and `port`; null where this system does not tell. */
export function readKernelDrops(host: string, port: number): number | null {
  const bytes = parseAddress(host);
  if (!bytes) return null;
  try {
    return findDrops(
      readFileSync(bytes.length === 4 ? '/proc/net/udp' : '/proc/net/udp6', 'utf8'),
      bytes,
      port,
    );
  } catch {
    return null;
  }
}

/** The drops of the line with this local address; null where there is none. */
export function findDrops(table: string, address: Uint8Array, port: number): number | null {
  const wanted = localAddress(address, port);
  for (const line of table.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[1] === wanted) return Number(words.at(-1));
  }
  return null;
}

function localAddress(address: Uint8Array, port: number): string {
  let text = '';
  for (let word = 0; word < address.length; word += 4) {
    for (let i = 3; i >= 0; i--) text += hex(address[word + i] ?? 0, 2);
  }
  return `${text}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
