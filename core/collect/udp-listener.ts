/** A UDP socket: a large receive buffer, its drops, and every payload to the pump. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { platform } from 'node:process';
import type { ListenerStatus } from './collect-status.ts';
import { readKernelDrops } from './kernel-drops.ts';
import { formatListenAddress, listenFault, type ListenAddress } from './listen-address.ts';
import type { Pump } from './pump.ts';

/** What is asked for: a second of 2,000 large datagrams, with what the kernel adds to each. */
const RECEIVE_BUFFER = 4 << 20;

export interface Listener {
  readonly address: ListenAddress;
  /** What a person should know of this listener, as sentences. */
  readonly warnings: readonly string[];
  status(): ListenerStatus;
  /** Takes no more; resolves when what had arrived has been handed on. */
  close(): Promise<void>;
}

/** Binds and begins to receive. Throws ApiError `cannot-listen`. */
export async function listenUdp(asked: ListenAddress, pump: Pump): Promise<Listener> {
  const six = asked.host.includes(':');
  // An IPv6 listener takes IPv6 alone: `udp://0.0.0.0:2055` and `udp://[::]:2055` can stand side by side.
  const socket = createSocket({ type: six ? 'udp6' : 'udp4', ipv6Only: six });
  let datagrams = 0;
  let lastSeen = performance.now();
  socket.on('message', (payload, from) => {
    datagrams++;
    lastSeen = performance.now();
    pump.datagram(payload, from);
  });
  try {
    socket.bind({ address: asked.host, port: asked.port, exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    throw listenFault(asked, error as NodeJS.ErrnoException);
  }
  const address = { ...asked, port: socket.address().port };
  const receiveBuffer = enlargeBuffer(socket);
  // A datagram that the kernel could not deliver to us is no reason to end.
  socket.on('error', () => undefined);
  let drops: number | null = null;
  return {
    address,
    warnings: receiveBuffer < RECEIVE_BUFFER ? [bufferWarning(address, receiveBuffer)] : [],
    status: () => ({
      url: formatListenAddress(address),
      datagrams,
      receiveBuffer,
      // A socket that is closed is no longer in the kernel's table: what it said last stays.
      kernelDrops: (drops = readKernelDrops(address.host, address.port) ?? drops),
      connections: null,
    }),
    async close() {
      await quiet(() => lastSeen);
      drops = readKernelDrops(address.host, address.port);
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** Returns the bytes that the kernel really gave. Linux tells twice of it, the other half being for its own headers. */
function enlargeBuffer(socket: Socket): number {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // Some systems refuse instead of giving less: what they had given stays.
  }
  const told = socket.getRecvBufferSize();
  return platform === 'linux' ? told / 2 : told;
}

function bufferWarning(address: ListenAddress, given: number): string {
  const where = formatListenAddress(address);
  const mend = `run "sysctl -w net.core.rmem_max=${RECEIVE_BUFFER}" and start again`;
  return `The kernel gave ${where} a receive buffer of ${given} bytes instead of ${RECEIVE_BUFFER}: bursts may be lost; ${mend}.`;
}

const QUIET_MS = 20;
const DRAIN_MS = 2_000;

/** Waits until the socket's buffer is read empty: nothing came for a moment. An exporter that goes on ends it after 2 s. */
async function quiet(lastSeen: () => number): Promise<void> {
  const start = performance.now();
  const before = lastSeen();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const now = performance.now();
    if (now - start > DRAIN_MS) return;
    if (lastSeen() === before || now - lastSeen() >= QUIET_MS) return;
  }
}
