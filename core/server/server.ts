/** The headless workstation's host: the renderer's files over HTTP, the contract over a WebSocket. */
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ApiError } from '../model/api-error.ts';
import type { Contract } from '../wire/method.ts';
import { serve, serveLimits, type Handlers } from '../wire/server.ts';
import { servePages, type PageOptions } from './pages.ts';
import { isLoopback } from './security.ts';
import { makeSockets } from './sockets.ts';

export interface ServerOptions<C extends Contract> {
  readonly contract: C;
  readonly handlers: Handlers<C>;
  /** The built renderer. */
  readonly folder: string;
  /** `127.0.0.1` unless others than this machine shall reach it. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly token: string;
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Serve without TLS on an address that others can reach: they can read everything, the token too. */
  readonly insecure?: boolean;
  readonly takeDownload?: PageOptions['takeDownload'];
  readonly onFault: (error: unknown) => void;
  /** Bytes that may wait for a client that does not read. */
  readonly waitingBytes?: number;
}

export interface RunningServer {
  /** Where it is, without the token. */
  readonly origin: string;
  /** What a person opens: the token is in the fragment, which no browser sends to anybody. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 64;
const WAITING_BYTES = 128 << 20;

/** Throws ApiError: `cannot-listen`, `usage` (certificate; an open address without TLS). */
export async function startServer<C extends Contract>(options: ServerOptions<C>): Promise<RunningServer> {
  const { host, port, token, tls } = options;
  if (!isLoopback(host) && !tls && options.insecure !== true) {
    throw new ApiError(
      'usage',
      `On ${host} others can reach the server: give it --tls-cert and --tls-key, or say --insecure-http if everybody on the way may read along.`,
    );
  }
  const common = { tls: tls !== undefined, listenHost: host };
  const answer = servePages({
    ...common,
    folder: options.folder,
    takeDownload: options.takeDownload ?? (() => undefined),
  });
  const server = makeServer(tls);
  const sockets = makeSockets({
    ...common,
    token,
    messageBytes: serveLimits.messageBytes,
    waitingBytes: options.waitingBytes ?? WAITING_BYTES,
    connections: MAX_CONNECTIONS,
    accept: (pipe) => serve(pipe, options.contract, options.handlers, { onFault: options.onFault }),
  });
  server.on('request', answer);
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  server.maxConnections = 4 * MAX_CONNECTIONS;
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await listen(server, host, port);
  const { port: given } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const origin = `${tls ? 'https' : 'http'}://${name}:${given}`;
  return {
    origin,
    url: `${origin}/#token=${token}`,
    async close() {
      sockets.close();
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await closed;
    },
  };
}

function makeServer(tls: ServerOptions<Contract>['tls']): Server {
  if (!tls) return createHttpServer();
  try {
    return createHttpsServer({ cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('usage', `The certificate and key cannot be used (${what}): give PEM files.`, {
      cause: error,
    });
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'EADDRINUSE'
        ? `The port ${port} is taken: another program listens there; give another one with --port`
        : `The server cannot listen on ${host} port ${port} (${message})`;
    throw new ApiError('cannot-listen', `${what}.`, { cause: error });
  }
}
