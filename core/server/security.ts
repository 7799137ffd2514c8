/** Who may speak to the server: what is checked of every request before anything is done with it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** A new token: 192 bits, in characters that a URL and a WebSocket subprotocol can hold. */
export const makeToken = (): string => randomBytes(24).toString('base64url');

/** Takes as long for every wrong token. */
export function sameToken(given: string, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * Whether the `Host` of a request can be this server's. A page of another origin whose name was pointed at this machine
 * (DNS rebinding) bears its own name there: addresses and `localhost` cannot be rebound. With TLS the certificate says it.
 */
export function isOwnHost(request: IncomingMessage, tls: boolean, listenHost: string): boolean {
  const host = request.headers.host;
  if (host === undefined) return false;
  const name = hostName(host);
  if (name === undefined) return false;
  return tls || name === 'localhost' || name === listenHost.toLowerCase() || isIP(name) > 0;
}

/** Whether a request comes from a page of this server, or from no page at all. */
export function isOwnOrigin(request: IncomingMessage, tls: boolean): boolean {
  const { origin, host = '' } = request.headers;
  return origin === undefined || origin === `${tls ? 'https' : 'http'}://${host}`;
}

/** `localhost` of `localhost:8080`, `::1` of `[::1]:8080`; undefined where it is neither. */
function hostName(host: string): string | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/i.exec(host);
  return (parts?.[1] ?? parts?.[2])?.toLowerCase();
}

/**
 * The headers of every answer. Scripts, styles and workers are the server's own files. Style elements that a component
 * library makes bear the page's nonce; style attributes, which can load and run nothing, are free.
 */
export function securityHeaders(nonce: string, socketOrigin: string): Record<string, string> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `worker-src 'self' blob:`,
    `style-src 'self' 'nonce-${nonce}'`,
    `style-src-attr 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self'`,
    // A report's PDF, shown by the browser's own viewer; it comes over the socket and has no address of its own.
    `frame-src blob:`,
    `object-src blob:`,
    `connect-src 'self' ${socketOrigin}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
}
