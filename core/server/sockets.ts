/** WebSockets: who may open one, and what becomes of those who do not read. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Pipe } from '../wire/pipe.ts';
import {
  CLOSE_TOO_SLOW,
  CLOSE_WRONG_TOKEN,
  socketPipe,
  SUBPROTOCOL,
  TOKEN_PREFIX,
} from '../wire/socket-pipe.ts';
import { isOwnHost, isOwnOrigin, sameToken } from './security.ts';

export interface SocketOptions {
  readonly token: string;
  readonly tls: boolean;
  readonly listenHost: string;
  /** Bytes of a message from a client. */
  readonly messageBytes: number;
  /** Bytes that may wait for a client that does not read; beyond, it is dropped. */
  readonly waitingBytes: number;
  readonly connections: number;
  /** Given each client that has shown the token. */
  readonly accept: (pipe: Pipe) => void;
}

const SOCKET_PATH = '/wire';
const PING_MS = 15_000;
/** Clients with a wrong token are told so; no more of them at a time than this. */
const MAX_STRANGERS = 16;

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function makeSockets(options: SocketOptions): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.messageBytes,
    // Columns do not shrink much, and loopback is faster than any compression.
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const alive = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.has(socket)) socket.terminate();
      alive.delete(socket);
      socket.ping();
    }
  }, PING_MS);
  timer.unref();
  const strangers = new Set<WebSocket>();
  const meet = (socket: WebSocket, known: boolean): void => {
    socket.on('error', () => undefined);
    if (!known) {
      strangers.add(socket);
      socket.on('close', () => strangers.delete(socket));
      socket.close(CLOSE_WRONG_TOKEN, 'another token');
      return;
    }
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
    options.accept(dropSlow(socketPipe(socket), socket, options.waitingBytes));
  };
  return {
    upgrade(request, socket, head) {
      // Not handled otherwise: it would end the program.
      socket.on('error', () => undefined);
      const { tls, listenHost, connections, token } = options;
      const offered = offeredProtocols(request);
      if (!isOwnHost(request, tls, listenHost)) return refuse(socket, '421 Misdirected Request');
      if (!isOwnOrigin(request, tls)) return refuse(socket, '403 Forbidden');
      if (request.url?.split('?', 1)[0] !== SOCKET_PATH) return refuse(socket, '404 Not Found');
      if (!offered.includes(SUBPROTOCOL)) return refuse(socket, '400 Bad Request');
      if (server.clients.size >= connections || strangers.size >= MAX_STRANGERS) {
        return refuse(socket, '503 Service Unavailable');
      }
      const given = offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
      const known = given !== undefined && sameToken(given, token);
      server.handleUpgrade(request, socket, head, (opened) => meet(opened, known));
    },
    close() {
      clearInterval(timer);
      for (const socket of server.clients) socket.close(1001, 'the server ends');
      server.close();
      // Whoever does not answer that is not waited for.
      setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, 500).unref();
    },
  };
}

/** The pipe of a socket, which is dropped where more waits to be sent than it may. */
function dropSlow(pipe: Pipe, socket: WebSocket, waitingBytes: number): Pipe {
  return {
    send(bytes) {
      if (socket.bufferedAmount > waitingBytes) {
        socket.close(CLOSE_TOO_SLOW, 'reads too slowly');
        // What waits would have to be sent before the close: it is not waited for.
        socket.terminate();
      } else pipe.send(bytes);
    },
    onMessage: (listener) => pipe.onMessage(listener),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}

const offeredProtocols = (request: IncomingMessage): readonly string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
