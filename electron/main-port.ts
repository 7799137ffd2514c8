/** The port of the main process in the form of the others: its messages are copied, never moved. */
import type { MessagePortMain } from 'electron';
import type { PortLike } from '../core/wire/port-pipe.ts';

export function mainPort(port: Pick<MessagePortMain, 'on' | 'start' | 'close' | 'postMessage'>): PortLike {
  return {
    postMessage: (value) => port.postMessage(value),
    addEventListener(type: 'message' | 'close', listener: (event: { readonly data: unknown }) => void): void {
      if (type === 'message')
        port.on('message', ({ data }: { readonly data: unknown }) => listener({ data }));
      else port.on('close', () => listener({ data: undefined }));
    },
    start: () => port.start(),
    close: () => port.close(),
  };
}
