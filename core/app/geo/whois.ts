/** One question by WHOIS (RFC 3912): a line out, text back until the server closes. */
import { readWhois, whoisRequest } from '../../geo/whois.ts';
import type { RegistryQuery } from '../../geo/registries.ts';
import type { RegistrationFacts } from '../../geo/registration.ts';
import { failureOf, NoAnswer, readBounded, type Transport } from './transport.ts';

const WHOIS_PORT = 43;
const MAX_REFERRALS = 3;
const MAX_BYTES = 1 << 18;

export interface WhoisReply {
  /** Of the server that answered. */
  readonly server: string;
  readonly facts: RegistrationFacts;
  readonly text: string;
  readonly notes: readonly string[];
}

/**
 * Asks a server and those of the known `hosts` that it sends on to; notes each in `asked`. Where one that was sent to does
 * not answer, the answer before counts. Rejects with NoAnswer and with the signal's reason.
 */
export async function askWhois(
  first: string,
  query: RegistryQuery,
  hosts: ReadonlySet<string>,
  asked: string[],
  transport: Transport,
  signal: AbortSignal,
): Promise<WhoisReply> {
  const notes: string[] = [];
  const visited = new Set<string>();
  let best: Omit<WhoisReply, 'notes'> | undefined;
  let server: string | undefined = first;
  while (server !== undefined && visited.size <= MAX_REFERRALS) {
    visited.add(server);
    asked.push(server);
    let text: string;
    try {
      text = await exchange(server, whoisRequest(query, server), transport, signal);
    } catch (error) {
      if (!best || !(error instanceof NoAnswer)) throw error;
      notes.push(`${server}, where ${best.server} sends to, ${error.message}.`);
      break;
    }
    const { facts, referral } = readWhois(text);
    if (facts) best = { server, facts, text };
    server = undefined;
    if (!referral || visited.has(referral.host)) continue;
    if (referral.port === WHOIS_PORT && hosts.has(referral.host)) server = referral.host;
    else
      notes.push(
        `It sends on to ${referral.host}, which is no registry that is known here and was not asked.`,
      );
  }
  if (!best) throw new NoAnswer('knows nothing of it');
  return { ...best, notes };
}

async function exchange(
  server: string,
  line: string,
  transport: Transport,
  cancelled: AbortSignal,
): Promise<string> {
  const late = AbortSignal.timeout(transport.timeoutMs);
  const signal = AbortSignal.any([cancelled, late]);
  cancelled.throwIfAborted();
  const socket = transport.connect(server, WHOIS_PORT);
  const stop = (): unknown => socket.destroy(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    socket.write(`${line}\r\n`);
    const bytes = await readBounded(socket, MAX_BYTES);
    return decode(bytes);
  } catch (error) {
    cancelled.throwIfAborted();
    throw failureOf(error, late.aborted);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** UTF-8 where it is that, else Latin-1, which the older databases hold. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
