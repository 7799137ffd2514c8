/** A receiver without sockets. */
import { loadElements } from '../../core/app/resources.ts';
import { Receiver, type ReceiverOptions } from '../../core/collect/receiver.ts';
import type { FlowChunk } from '../../core/model/chunk.ts';

export const NO_BACKLOG = { datagrams: 0, bytes: 0, bytesOnDisk: 0, oldestReceived: null };

export function makeReceiver(options: Partial<ReceiverOptions> = {}): {
  readonly receiver: Receiver;
  readonly chunks: FlowChunk[];
} {
  const chunks: FlowChunk[] = [];
  const receiver = new Receiver({
    elements: loadElements(),
    allow: [],
    known: [],
    templates: [],
    onChunk: (chunk) => chunks.push(chunk),
    ...options,
  });
  return { receiver, chunks };
}
