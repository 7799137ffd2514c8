import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startServer } from '../../core/server/server.ts';
import type { LinkState } from '../../core/wire/client-types.ts';
import { encodeFrame } from '../../core/wire/frame.ts';
import { call, feed } from '../../core/wire/method.ts';
import { serveLimits } from '../../core/wire/server.ts';
import { SUBPROTOCOL } from '../../core/wire/socket-pipe.ts';
import { endOf, makePages, openClient, opened, openSocket, startHost, TOKEN, type Host } from './clients.ts';

describe('a socket of the workstation', () => {
  let host: Host;

  beforeEach(async () => {
    host = await startHost();
  });

  afterEach(async () => host.close());

  it('is told that its token is another server’s', async () => {
    expect(await endOf(openSocket(host, { token: 'a-token-of-yesterday' }))).toBe(4401);
    expect(await endOf(openSocket(host, { token: '' }))).toBe(4401);
  });

  it('serves nobody before the token is checked', async () => {
    const socket = await opened(openSocket(host, { token: 'wrong' }));
    const messages: unknown[] = [];
    socket.on('message', (data) => messages.push(data));
    socket.send(encodeFrame({ kind: 'call', id: 1, name: 'workspace.sources', value: {} }));
    expect(await endOf(socket)).toBe(4401);
    expect(messages).toEqual([]);
  });

  it('is refused to pages of another origin, whatever token they show', async () => {
    const { port } = new URL(host.server.origin);
    for (const origin of [
      'http://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${Number(port) + 1}`,
      `http://localhost:${port}`,
    ]) {
      expect(await endOf(openSocket(host, { headers: { origin } }))).toBe(403);
    }
    const own = await opened(openSocket(host, { headers: { origin: host.server.origin } }));
    expect(own.protocol).toBe(SUBPROTOCOL);
    own.terminate();
  });

  it('is refused under another name, and elsewhere than at its place', async () => {
    expect(await endOf(openSocket(host, { headers: { host: 'evil.example' } }))).toBe(421);
    expect(await endOf(openSocket(host, { path: '/other' }))).toBe(404);
  });

  it('is closed for a message that is too long, and for text', async () => {
    const long = await opened(openSocket(host));
    long.send(new Uint8Array(serveLimits.messageBytes + 1));
    expect(await endOf(long)).toBe(1009);
    const text = await opened(openSocket(host));
    text.send('{"kind":"call"}');
    expect(await endOf(text)).toBe(1003);
  });

  it('survives bytes that are no WebSocket', async () => {
    const { port } = new URL(host.server.origin);
    const raw = connect(Number(port), '127.0.0.1');
    raw.on('error', () => undefined);
    raw.write(Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) & 0xff));
    raw.resume();
    await once(raw, 'close');
    const socket = await opened(openSocket(host));
    expect(socket.readyState).toBe(1);
    socket.terminate();
  });

  it('tells a client for good that the server was started anew, instead of letting it try for ever', async () => {
    const client = openClient(host, 'a-token-of-yesterday');
    const refused = new Promise<LinkState>((resolve) =>
      client.onState((state) => (state === 'refused' ? resolve(state) : undefined)),
    );
    expect(await refused).toBe('refused');
    await expect(client.call('workspace.sources', {})).rejects.toMatchObject({ code: 'disconnected' });
  });
});

describe('a client that does not read', () => {
  it('is dropped when more waits for it than may', async () => {
    const contract = {
      flood: feed(z.strictObject({}), z.custom<Uint8Array>()),
      hello: call(z.strictObject({}), z.object({})),
    };
    let stopped = (): void => undefined;
    const feedStopped = new Promise<void>((resolve) => (stopped = resolve));
    const server = await startServer({
      contract,
      handlers: {
        async *flood() {
          try {
            for (;;) yield await Promise.resolve(new Uint8Array(1 << 20));
          } finally {
            stopped();
          }
        },
        hello: () => ({}),
      },
      folder: makePages(),
      host: '127.0.0.1',
      port: 0,
      token: TOKEN,
      waitingBytes: 4 << 20,
      onFault: () => undefined,
    });
    const socket = await opened(openSocket({ server }));
    // No byte is taken from the connection any more, and the credit is without end.
    socket.pause();
    socket.send(encodeFrame({ kind: 'feed', id: 1, name: 'flood', value: {}, credit: 1024 }));
    await feedStopped;
    socket.terminate();
    const other = await opened(openSocket({ server }));
    expect(other.readyState).toBe(1);
    other.terminate();
    await server.close();
  });
});
