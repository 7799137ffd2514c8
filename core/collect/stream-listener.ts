/** IPFIX over TCP and TLS (RFC 7011 10.4): every connection is a transport session with templates of its own. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ApiError } from '../model/api-error.ts';
import { formatListenAddress, listenFault, type ListenAddress } from './listen-address.ts';
import { FramingFault, MessageFramer } from './message-framer.ts';
import type { Receiver } from './receiver.ts';
import type { Listener } from './udp-listener.ts';

/** Connections at a time; each may keep some megabytes of templates. */
const MAX_CONNECTIONS = 128;

/** PEM texts. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Binds and begins to accept. Throws ApiError `cannot-listen`, or `usage` where the certificate cannot be used. */
export async function listenStream(
  asked: ListenAddress,
  receiver: Receiver,
  tls: TlsIdentity | undefined,
): Promise<Listener> {
  const open = new Set<Socket>();
  let messages = 0;
  const accept = (socket: Socket): void => {
    const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    if (!receiver.admits(from.address)) {
      socket.destroy();
      return;
    }
    open.add(socket);
    const session = receiver.openSession(from);
    const framer = new MessageFramer();
    socket.on('data', (piece: Buffer) => {
      try {
        for (const message of framer.push(piece)) {
          messages++;
          session.push(message);
        }
        if (receiver.blocked) {
          // The exporter waits, as TCP makes it.
          socket.pause();
          receiver.whenReady(() => socket.resume());
        }
      } catch (error) {
        if (!(error instanceof FramingFault)) throw error;
        // The decoder says what is wrong with the bytes; after them there is no way back into the stream.
        session.push(error.rest);
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      session.end();
    });
  };
  const server = makeServer(asked, tls, accept);
  server.maxConnections = MAX_CONNECTIONS;
  try {
    server.listen({ host: asked.host, port: asked.port, ipv6Only: true });
    await once(server, 'listening');
  } catch (error) {
    throw listenFault(asked, error as NodeJS.ErrnoException);
  }
  server.on('error', () => undefined);
  const bound = server.address();
  const address = { ...asked, port: typeof bound === 'object' && bound ? bound.port : asked.port };
  return {
    address,
    warnings: [],
    status: () => ({
      url: formatListenAddress(address),
      datagrams: messages,
      receiveBuffer: null,
      kernelDrops: null,
      connections: open.size,
    }),
    async close() {
      const closed = once(server, 'close');
      server.close();
      // What has arrived is still read: `end` waits for the exporter's side no longer than a moment.
      for (const socket of open) socket.end();
      const timer = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, 500);
      await closed;
      clearTimeout(timer);
    },
  };
}

function makeServer(
  address: ListenAddress,
  tls: TlsIdentity | undefined,
  accept: (socket: Socket) => void,
): Server {
  if (address.scheme === 'tcp') return createServer(accept);
  const where = formatListenAddress(address);
  if (!tls) {
    const sentence = `${where} needs a certificate and its key, each a PEM file.`;
    throw new ApiError('usage', sentence);
  }
  try {
    const server = createTlsServer({ cert: tls.cert, key: tls.key }, accept);
    server.on('tlsClientError', () => undefined);
    return server;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const sentence = `The certificate and key for ${where} cannot be used (${what}): give a PEM certificate and its PEM key.`;
    throw new ApiError('usage', sentence, { cause: error });
  }
}
