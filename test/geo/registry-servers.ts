/** Servers of this machine that stand for the registries: what each host answers is handed in. */
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  request,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import type { Transport } from '../../core/app/geo/transport.ts';

export interface Answers {
  /** By host; each is given the path that it is asked for. */
  readonly rdap?: Readonly<
    Record<string, (path: string, response: ServerResponse, asked: IncomingMessage) => void>
  >;
  /** By host; each is given the line that it is asked. */
  readonly whois?: Readonly<Record<string, (line: string, socket: Socket) => void>>;
  readonly timeoutMs?: number;
}

export interface RegistryServers extends AsyncDisposable {
  readonly transport: Transport;
  /** Connections that were made, by host. */
  readonly asked: string[];
}

export async function registryServers({
  rdap = {},
  whois = {},
  timeoutMs = 5000,
}: Answers): Promise<RegistryServers> {
  const asked: string[] = [];
  const http = createHttpServer((message, response) => {
    const host = message.headers.host ?? '';
    const answer = rdap[host];
    if (answer) answer(message.url ?? '', response, message);
    else response.writeHead(500).end();
  });
  const ports = new Map<string, number>();
  const servers: Server[] = [http];
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  for (const [host, answer] of Object.entries(whois)) {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes: Buffer) => answer(bytes.toString('utf8'), socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.set(host, (server.address() as AddressInfo).port);
    servers.push(server);
  }
  const sockets = new Set<Socket>();
  for (const server of servers) server.on('connection', (socket: Socket) => sockets.add(socket));
  const { port } = http.address() as AddressInfo;
  return {
    asked,
    transport: {
      timeoutMs,
      get(url, { headers, signal }, onResponse) {
        asked.push(url.hostname);
        const options = { host: '127.0.0.1', port, path: url.pathname, signal, agent: false as const };
        return request({ ...options, headers: { ...headers, host: url.hostname } }, onResponse).end();
      },
      connect(host) {
        asked.push(host);
        return connect({ host: '127.0.0.1', port: ports.get(host) ?? 1 });
      },
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** Answers with JSON. */
export const json =
  (value: unknown, status = 200) =>
  (_path: string, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/rdap+json' }).end(JSON.stringify(value));
  };

/** Sends on with status 302. */
export const redirect =
  (location: string) =>
  (_path: string, response: ServerResponse): void => {
    response.writeHead(302, { location }).end();
  };

/** Answers with text and closes. */
export const text =
  (answer: string) =>
  (_line: string, socket: Socket): void => {
    socket.end(answer);
  };
