/** A server of the real thing on loopback, and clients as a browser has them. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { makeHandlers } from '../../core/app/handlers.ts';
import { Workspace } from '../../core/app/workspace/workspace.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../core/server/server.ts';
import { makeClient } from '../../core/wire/client.ts';
import type { Client } from '../../core/wire/client-types.ts';
import { openSocketPipe, SUBPROTOCOL, TOKEN_PREFIX } from '../../core/wire/socket-pipe.ts';
import { temporaryFolder } from '../support.ts';
import { contract, type CoreContract } from '../../core/wire/contract.ts';

export const TOKEN = 'a-token-of-these-tests';

/** Pages such as a build makes them. */
export function makePages(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__">');
  writeFileSync(join(folder, 'assets/app-AbCd1234.js'), 'globalThis.started = true;');
  writeFileSync(join(folder, '.hidden'), 'not for anybody');
  return folder;
}

export interface Host {
  readonly server: RunningServer;
  readonly workspace: Workspace;
  readonly faults: unknown[];
  close(): Promise<void>;
}

export async function startHost(
  options: Partial<ServerOptions<CoreContract>> = {},
  folder = join(temporaryFolder(), 'store'),
): Promise<Host> {
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const workspace = new Workspace({ folder, can: { importPaths: true, openStore: false }, onFault });
  const server = await startServer({
    contract,
    handlers: makeHandlers(workspace),
    folder: makePages(),
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    takeDownload: (path) => workspace.downloads.take(path),
    onFault,
    ...options,
  });
  return {
    server,
    workspace,
    faults,
    close: async () => {
      await Promise.all([server.close(), workspace.close()]);
    },
  };
}

export function openSocket(
  { server }: Pick<Host, 'server'>,
  options: {
    readonly token?: string;
    readonly headers?: Record<string, string>;
    readonly path?: string;
  } = {},
): WebSocket {
  const protocols = [SUBPROTOCOL, `${TOKEN_PREFIX}${options.token ?? TOKEN}`];
  const url = `${server.origin.replace(/^http/, 'ws')}${options.path ?? '/wire'}`;
  const socket = new WebSocket(url, protocols, { headers: options.headers ?? {}, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  return socket;
}

export function openClient(host: Pick<Host, 'server'>, token?: string): Client<CoreContract> {
  const connect = async (): ReturnType<typeof openSocketPipe> =>
    openSocketPipe(openSocket(host, token === undefined ? {} : { token }));
  return makeClient(contract, connect, { retryMs: 5, maxRetryMs: 20 });
}

/** How a socket ended: the status of a refused handshake, or the code that closed it. */
export async function endOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('close', (code) => resolve(code));
  });
}

export async function opened(socket: WebSocket): Promise<WebSocket> {
  await once(socket, 'open');
  return socket;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The answer to a request whose target goes out as it is: `fetch` would mend it first. */
export async function get(
  { server }: Pick<Host, 'server'>,
  path: string,
  options: { readonly method?: string; readonly headers?: OutgoingHttpHeaders } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(server.origin);
  const asked = request({
    hostname,
    port,
    path,
    method: options.method ?? 'GET',
    headers: options.headers ?? {},
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(parts).toString('utf8'),
  };
}
