/** Where to listen, as people write it: `udp://127.0.0.1:2055`, `tls://[::1]:4740`. */
import { isIP } from 'node:net';
import { ApiError } from '../model/api-error.ts';

export type ListenScheme = 'udp' | 'tcp' | 'tls';

export interface ListenAddress {
  readonly scheme: ListenScheme;
  /** An IPv4 or IPv6 address of this machine, without brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const schemes: readonly string[] = ['udp', 'tcp', 'tls'];

/** Throws ApiError `usage` with a sentence that says what is wrong with the text. */
export function parseListenAddress(text: string): ListenAddress {
  const parts = /^([a-z0-9]+):\/\/(?:\[([^\]]*)\]|([^:[\]/]*)):(\d{1,6})$/i.exec(text.trim());
  if (!parts) {
    const form = 'udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT, IPv6 addresses in brackets';
    throw new ApiError('usage', `"${text}" is no place to listen: write ${form}.`);
  }
  const [, rawScheme = '', ipv6, ipv4 = '', portText = ''] = parts;
  const scheme = rawScheme.toLowerCase();
  if (!schemes.includes(scheme)) {
    const more = scheme === 'sctp' ? ' (for SCTP see core/collect/README.md)' : '';
    throw new ApiError('usage', `"${text}" cannot be listened to: the kinds are udp, tcp and tls${more}.`);
  }
  const host = ipv6 ?? (ipv4 === 'localhost' ? '127.0.0.1' : ipv4);
  if (isIP(host) !== (ipv6 === undefined ? 4 : 6)) {
    const sentence = `"${text}" names no address: write an IP address of this machine, or 0.0.0.0 or [::] for all.`;
    throw new ApiError('usage', sentence);
  }
  const port = Number(portText);
  if (port > 65_535) throw new ApiError('usage', `"${text}" has no port: ports end at 65535.`);
  return { scheme: scheme as ListenScheme, host, port };
}

export function formatListenAddress({ scheme, host, port }: ListenAddress): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What a person is told when the system refuses. */
export function listenFault(address: ListenAddress, error: NodeJS.ErrnoException): ApiError {
  const where = formatListenAddress(address);
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program listens at ${where}: end it, or choose another port.`,
    EACCES: `Ports below 1024 need a privilege that this process has not: choose one from 1024 on instead of ${where}.`,
    EADDRNOTAVAIL: `This machine has no address ${address.host}: choose one of its own for ${where}, or 0.0.0.0 or [::] for all.`,
  };
  const sentence =
    sentences[error.code ?? ''] ?? `Nothing can be received at ${where} (${error.message}): choose another.`;
  return new ApiError('cannot-listen', sentence, { cause: error });
}
