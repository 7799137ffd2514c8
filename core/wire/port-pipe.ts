/** A pipe over a MessagePort: a worker thread's, or the one between a window and the desktop's host. */
import type { CloseReason, Pipe } from './pipe.ts';

/** What Node's and the browser's MessagePort have in common. */
export interface PortLike {
  postMessage(value: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}

/** Said before closing: not every host tells the other end of a closed port. */
const BYE = 'bye';

export function portPipe(port: PortLike): Pipe {
  let closed = false;
  let onMessage: ((bytes: Uint8Array) => void) | undefined;
  let onClose: ((reason: CloseReason) => void) | undefined;
  const end = (): void => {
    if (closed) return;
    closed = true;
    port.close();
    onClose?.('lost');
  };
  port.addEventListener('message', ({ data }) => {
    if (closed) return;
    if (data instanceof Uint8Array) onMessage?.(data);
    else end();
  });
  port.addEventListener('close', end);
  port.start();
  return {
    send(bytes) {
      if (closed) return;
      const whole = bytes.byteLength === bytes.buffer.byteLength;
      port.postMessage(bytes, whole ? [bytes.buffer as ArrayBuffer] : []);
    },
    onMessage(listener) {
      onMessage = listener;
    },
    onClose(listener) {
      onClose = listener;
    },
    close() {
      if (!closed) port.postMessage(BYE, []);
      end();
    },
  };
}
