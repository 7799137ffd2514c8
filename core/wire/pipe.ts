/** A transport: whole messages of bytes, in order, both ways. Everything else stands above it, once. */

/** `lost`: the other end closed or is gone. `refused`: it will not have this end, also when it comes again. */
export type CloseReason = 'lost' | 'refused';

export interface Pipe {
  /** Sends a message. The bytes belong to the pipe from then on. On a closed pipe it does nothing. */
  send(bytes: Uint8Array): void;
  /** One listener, set before control returns to the event loop. */
  onMessage(listener: (bytes: Uint8Array) => void): void;
  /** One listener, called once, whichever side closed. */
  onClose(listener: (reason: CloseReason) => void): void;
  close(): void;
}
