/** What look-ups at registries stand on: sockets that can be handed in, bounds, and how they fail. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** How registries are reached. Tests hand in others, which lead to servers of this machine. */
export interface Transport {
  get(
    url: URL,
    options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
    onResponse: (response: IncomingMessage) => void,
  ): ClientRequest;
  connect(host: string, port: number): Socket;
  /** For each server on the way. */
  readonly timeoutMs: number;
}

export const internet: Transport = {
  get: (url, options, onResponse) => httpsRequest(url, options, onResponse).end(),
  connect: (host, port) => connect({ host, port }),
  timeoutMs: 15_000,
};

/** A server gave no usable answer; `message` is a sentence without its end. */
export class NoAnswer extends Error {}

/** All that comes, up to `most` bytes. Rejects with NoAnswer for more. */
export async function readBounded(stream: Readable, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    const bytes = piece as Buffer;
    length += bytes.length;
    if (length > most) {
      stream.destroy();
      throw new NoAnswer(`sent more than ${most >> 10} KiB`);
    }
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** What the system says of a failed connection, as the end of "whois.ripe.net ...". */
export function failureOf(error: unknown, timedOut: boolean): NoAnswer {
  if (error instanceof NoAnswer) return error;
  if (timedOut) return new NoAnswer('did not answer in time');
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new NoAnswer('is not found: this machine may not be on the internet');
    case 'ECONNREFUSED':
      return new NoAnswer('refused the connection');
    case 'ECONNRESET':
    case 'EPIPE':
      return new NoAnswer('broke the connection off');
    default:
      return new NoAnswer(`cannot be asked (${code ?? message})`);
  }
}
