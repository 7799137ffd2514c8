/** The pipes that a contract runs on, each as two joined ends. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { memoryPipes } from '../../core/wire/memory-pipe.ts';
import type { Pipe } from '../../core/wire/pipe.ts';
import { portPipe, type PortLike } from '../../core/wire/port-pipe.ts';
import { openSocketPipe, socketPipe } from '../../core/wire/socket-pipe.ts';

/** Where clients connect; each gets a pipe whose other end `accept` is given. */
export interface Exchange {
  connect(): Promise<Pipe>;
  close(): Promise<void>;
}

export type Open = (accept: (pipe: Pipe) => void) => Promise<Exchange>;

const asPort = (port: MessagePort): PortLike => port as unknown as PortLike;

async function openMemory(accept: (pipe: Pipe) => void): Promise<Exchange> {
  return Promise.resolve({
    connect: async () => {
      const [near, far] = memoryPipes();
      accept(far);
      return Promise.resolve(near);
    },
    close: async () => Promise.resolve(),
  });
}

async function openPorts(accept: (pipe: Pipe) => void): Promise<Exchange> {
  return Promise.resolve({
    connect: async () => {
      const { port1, port2 } = new MessageChannel();
      accept(portPipe(asPort(port2)));
      return Promise.resolve(portPipe(asPort(port1)));
    },
    close: async () => Promise.resolve(),
  });
}

async function openSockets(accept: (pipe: Pipe) => void): Promise<Exchange> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => accept(socketPipe(socket)));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connect: async () => openSocketPipe(new WebSocket(`ws://127.0.0.1:${port}`)),
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

export const everyPipe: readonly (readonly [name: string, open: Open])[] = [
  ['memory', openMemory],
  ['MessagePort', openPorts],
  ['WebSocket', openSockets],
];
