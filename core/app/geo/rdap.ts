/** One question by RDAP (RFC 7480): over TLS only, to known hosts only, bounded in time, size and redirects. */
import type { IncomingMessage } from 'node:http';
import { readRdapError } from '../../geo/rdap.ts';
import { failureOf, NoAnswer, readBounded, type Transport } from './transport.ts';

const MAX_REDIRECTS = 4;
const MAX_BYTES = 1 << 20;

export interface RdapReply {
  /** Of the server that answered. */
  readonly url: string;
  readonly value: unknown;
  readonly text: string;
}

/**
 * Asks at `base` for `path`; notes each server in `asked`. Rejects with NoAnswer (what the last server did) and with the
 * signal's reason.
 */
export async function askRdap(
  base: string,
  path: string,
  hosts: ReadonlySet<string>,
  asked: string[],
  transport: Transport,
  signal: AbortSignal,
): Promise<RdapReply> {
  let url = new URL(path, base);
  const visited = new Set<string>();
  for (let step = 0; step <= MAX_REDIRECTS; step++) {
    refuseUnsafe(url, hosts);
    if (visited.has(url.href)) throw new NoAnswer('sends round in a circle');
    visited.add(url.href);
    asked.push(url.href);
    const { status, location, text } = await get(url, transport, signal);
    if (status >= 300 && status < 400 && location !== undefined) {
      url = nextOf(location, url);
      continue;
    }
    if (status === 200) return { url: url.href, value: parse(text), text };
    throw new NoAnswer(refusalOf(status, text));
  }
  throw new NoAnswer(`sends on more than ${MAX_REDIRECTS} times`);
}

/** RFC 7481, section 3.5: what must not be changed on the way comes over TLS. */
function refuseUnsafe(
  { protocol, hostname, username, password, port }: URL,
  hosts: ReadonlySet<string>,
): void {
  if (protocol !== 'https:') throw new NoAnswer('sends on to an address without TLS, which is not asked');
  if (!hosts.has(hostname) || username !== '' || password !== '' || port !== '') {
    throw new NoAnswer(`sends on to ${hostname}, which is no registry that is known here`);
  }
}

async function get(
  url: URL,
  transport: Transport,
  cancelled: AbortSignal,
): Promise<{ readonly status: number; readonly location: string | undefined; readonly text: string }> {
  const late = AbortSignal.timeout(transport.timeoutMs);
  const signal = AbortSignal.any([cancelled, late]);
  try {
    const headers = { accept: 'application/rdap+json, application/json', 'user-agent': 'backtrail' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      transport.get(url, { headers, signal }, resolve).on('error', reject);
    });
    const bytes = await readBounded(response, MAX_BYTES);
    const { statusCode: status = 0, headers: answered } = response;
    return { status, location: answered.location, text: bytes.toString('utf8') };
  } catch (error) {
    cancelled.throwIfAborted();
    throw failureOf(error, late.aborted);
  }
}

function nextOf(location: string, from: URL): URL {
  try {
    return new URL(location, from);
  } catch {
    throw new NoAnswer('sends on to no address');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoAnswer('sent no JSON');
  }
}

function refusalOf(status: number, text: string): string {
  let said = '';
  try {
    said = readRdapError(JSON.parse(text));
  } catch {
    // Whatever it sent, the status says enough.
  }
  const told = said === '' ? '' : ` (${said})`;
  if (status === 404) return `knows nothing of it${told}`;
  if (status === 429) return `has been asked too often, and wants to be left for a while${told}`;
  return `answered with status ${status}${told}`;
}
