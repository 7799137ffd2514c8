/** A pipe over a WebSocket: the browser's, or one of the same form on the server. */
import type { CloseReason, Pipe } from './pipe.ts';
import { WireError } from './wire-error.ts';

/** What is used of a WebSocket. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

/** The WebSocket subprotocol: another number is another wire. */
export const SUBPROTOCOL = 'backtrail.1';
/** In front of the token, as a second subprotocol: a browser can send no header of its own. */
export const TOKEN_PREFIX = 'token.';
/** Close codes: the token is not this server's; the peer reads too slowly. */
export const CLOSE_WRONG_TOKEN = 4401;
export const CLOSE_TOO_SLOW = 4408;

const OPEN = 1;

export function socketPipe(socket: SocketLike): Pipe {
  let closed = false;
  let onMessage: ((bytes: Uint8Array) => void) | undefined;
  let onClose: ((reason: CloseReason) => void) | undefined;
  const end = (reason: CloseReason): void => {
    if (closed) return;
    closed = true;
    onClose?.(reason);
  };
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (closed) return;
    if (data instanceof ArrayBuffer) {
      onMessage?.(new Uint8Array(data));
      return;
    }
    socket.close(1003, 'binary messages only');
    end('lost');
  });
  socket.addEventListener('close', ({ code }) => end(code === CLOSE_WRONG_TOKEN ? 'refused' : 'lost'));
  // A close follows each error.
  socket.addEventListener('error', () => undefined);
  return {
    send(bytes) {
      if (!closed && socket.readyState === OPEN) socket.send(bytes as Uint8Array<ArrayBuffer>);
    },
    onMessage(listener) {
      onMessage = listener;
    },
    onClose(listener) {
      onClose = listener;
    },
    close() {
      socket.close(1000);
      end('lost');
    },
  };
}

/** Resolves when the socket is open. Rejects with WireError `disconnected` where the server cannot be reached. */
export async function openSocketPipe(socket: SocketLike): Promise<Pipe> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socketPipe(socket)));
    socket.addEventListener('close', () => {
      reject(new WireError('disconnected', 'The server cannot be reached.'));
    });
    socket.addEventListener('error', () => undefined);
  });
}
