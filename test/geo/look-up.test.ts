/** Look-ups at registries: servers of this machine stand for them, friendly and hostile ones. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookUp, type LookUpOptions } from '../../core/app/geo/lookup.ts';
import { internet } from '../../core/app/geo/transport.ts';
import type { Registration } from '../../core/model/place.ts';
import { describeWith, temporaryFolder } from '../support.ts';
import { arinWhois, ripeNetwork, ripeWhois } from './registry-answers.ts';
import { json, redirect, registryServers, text, type Answers } from './registry-servers.ts';

const RIPE = 'rdap.db.ripe.net';
const WHOIS = 'whois.ripe.net';

interface Outcome {
  readonly answer: Registration | undefined;
  readonly error: unknown;
  readonly asked: readonly string[];
}

/** Looks 46.4.20.11 up, or whatever `query` says, at these servers. */
async function ask(
  answers: Answers,
  options: Partial<LookUpOptions> & { readonly query?: string } = {},
): Promise<Outcome> {
  await using servers = await registryServers(answers);
  const { query = '46.4.20.11', ...rest } = options;
  const signal = new AbortController().signal;
  try {
    const answer = await lookUp(query, {
      folder: temporaryFolder(),
      signal,
      transport: servers.transport,
      ...rest,
    });
    return { answer, error: undefined, asked: servers.asked };
  } catch (error) {
    return { answer: undefined, error, asked: servers.asked };
  }
}

describe('a look-up', () => {
  it('asks the registry of the address by RDAP, and says whom and when', async () => {
    const paths: string[] = [];
    const rdap = {
      [RIPE]: (path: string, response: ServerResponse) => {
        paths.push(path);
        json(ripeNetwork)(path, response);
      },
    };
    const { answer, asked } = await ask({ rdap }, { now: () => 1_795_000_000_000 });
    expect(answer).toMatchObject({
      query: '46.4.20.11',
      protocol: 'rdap',
      server: 'https://rdap.db.ripe.net/ip/46.4.20.11',
      registry: 'RIPE NCC',
      fetchedMs: 1_795_000_000_000,
      cached: false,
      owner: 'Example Hosting GmbH',
      country: 'DE',
      abuse: ['abuse@example.net'],
      notes: [],
    });
    expect(paths).toEqual(['/ip/46.4.20.11']);
    expect(asked).toEqual([RIPE]);
  });

  it('of an AS number asks for it', async () => {
    const autnum = { objectClassName: 'autnum', startAutnum: 24940, endAutnum: 24940, name: 'EXAMPLE' };
    const { answer } = await ask({ rdap: { [RIPE]: json(autnum) } }, { query: 'as24940' });
    expect(answer).toMatchObject({
      query: 'AS24940',
      server: `https://${RIPE}/autnum/24940`,
      name: 'EXAMPLE',
    });
  });

  it('of an address that holds an IPv4 address asks for that one', async () => {
    const { answer } = await ask({ rdap: { [RIPE]: json(ripeNetwork) } }, { query: '2002:2e04:140b::1' });
    expect(answer?.query).toBe('46.4.20.11');
  });

  it('goes on to another registry that the first one names', async () => {
    const rdap = { 'rdap.arin.net': redirect(`https://${RIPE}/ip/8.8.8.8`), [RIPE]: json(ripeNetwork) };
    const { answer, asked } = await ask({ rdap }, { query: '8.8.8.8' });
    expect(answer).toMatchObject({
      registry: 'RIPE NCC',
      asked: ['https://rdap.arin.net/registry/ip/8.8.8.8', `https://${RIPE}/ip/8.8.8.8`],
    });
    expect(asked).toEqual(['rdap.arin.net', RIPE]);
  });

  it('falls back to WHOIS, and says why', async () => {
    const { answer } = await ask({ rdap: { [RIPE]: json({}, 503) }, whois: { [WHOIS]: text(ripeWhois) } });
    expect(answer).toMatchObject({
      protocol: 'whois',
      server: WHOIS,
      registry: 'RIPE NCC',
      owner: 'Example Hosting GmbH',
      notes: ['rdap.db.ripe.net answered with status 503.'],
    });
  });

  it('by WHOIS sends one line that ends with CR LF', async () => {
    const lines: string[] = [];
    const whois = {
      [WHOIS]: (line: string, socket: Socket) => {
        lines.push(line);
        socket.end(ripeWhois);
      },
    };
    await ask({ whois }, { only: 'whois' });
    expect(lines).toEqual(['46.4.20.11\r\n']);
  });

  it('by WHOIS follows the server that an answer names', async () => {
    const whois = {
      'whois.arin.net': text('ReferralServer: whois://whois.ripe.net\n'),
      [WHOIS]: text(ripeWhois),
    };
    const { answer, asked } = await ask({ whois }, { query: '8.8.8.8', only: 'whois' });
    expect(answer).toMatchObject({ server: WHOIS, owner: 'Example Hosting GmbH' });
    expect(asked).toEqual(['whois.arin.net', WHOIS]);
  });

  it('by WHOIS keeps the answer it has where the next server does not answer', async () => {
    const whois = { 'whois.arin.net': text(`${arinWhois}ReferralServer: whois://whois.ripe.net\n`) };
    const { answer } = await ask({ whois }, { query: '8.34.208.1', only: 'whois' });
    expect(answer).toMatchObject({ server: 'whois.arin.net', owner: 'Example Cloud LLC' });
    expect(answer?.notes[0]).toContain('whois.ripe.net');
  });

  it.each([
    ['10.0.0.5', '10.0.0.0/8 is for private use (RFC 1918)'],
    ['fe80::1', 'fe80::/10 is for link local (RFC 4291)'],
    ['AS64512', 'held by no registry'],
    ['example.net', 'no address and no AS number'],
    ['64:ff9b::a00:5', '10.0.0.5 is held by nobody'],
  ])('of %s asks nobody', async (query, sentence) => {
    const { error, asked } = await ask({}, { query });
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(sentence) });
    expect(asked).toEqual([]);
  });

  it('where nobody answers is an error that names each', async () => {
    const { error } = await ask({
      rdap: { [RIPE]: json({ title: 'Not Found' }, 404) },
      whois: { [WHOIS]: text('%ERROR:101\n') },
    });
    expect(error).toMatchObject({
      code: 'no-answer',
      message:
        'Nothing was learnt of 46.4.20.11. rdap.db.ripe.net knows nothing of it (Not Found). whois.ripe.net knows nothing of it.',
    });
  });
});

describe('kept answers', () => {
  const rdap = { [RIPE]: json(ripeNetwork) };
  const day = 86_400_000;

  it('are given again without asking, as kept, with the time they were given', async () => {
    const folder = temporaryFolder();
    await ask({ rdap }, { folder, now: () => 1000 });
    const { answer, asked } = await ask({}, { folder, now: () => 1000 + 6 * day });
    expect(answer).toMatchObject({ owner: 'Example Hosting GmbH', cached: true, fetchedMs: 1000 });
    expect(asked).toEqual([]);
  });

  it('are asked anew after seven days, and where a person wants it', async () => {
    const folder = temporaryFolder();
    await ask({ rdap }, { folder, now: () => 1000 });
    const old = await ask({ rdap }, { folder, now: () => 1000 + 8 * day });
    expect(old).toMatchObject({ answer: { cached: false }, asked: [RIPE] });
    const wanted = await ask({ rdap }, { folder, again: true, now: () => 2000 });
    expect(wanted).toMatchObject({ answer: { cached: false, fetchedMs: 2000 }, asked: [RIPE] });
  });

  it('that are old are better than none, and say so', async () => {
    const folder = temporaryFolder();
    await ask({ rdap }, { folder, now: () => 1000 });
    const { answer } = await ask({ rdap: { [RIPE]: json({}, 500) } }, { folder, now: () => 1000 + 30 * day });
    expect(answer).toMatchObject({ cached: true, fetchedMs: 1000, owner: 'Example Hosting GmbH' });
    expect(answer?.notes.at(-1)).toBe('This is the answer of an earlier look-up.');
  });

  it('that were damaged on disk are asked anew', async () => {
    const folder = temporaryFolder();
    await ask({ rdap }, { folder });
    const [name = ''] = readdirSync(folder);
    const whole = readFileSync(join(folder, name), 'utf8');
    for (const damaged of ['', '{', '[]', whole.slice(0, 100), whole.replace('46.4.20.11', '46.4.20.12')]) {
      writeFileSync(join(folder, name), damaged);
      const { asked, answer } = await ask({ rdap }, { folder });
      expect({ asked, cached: answer?.cached }).toEqual({ asked: [RIPE], cached: false });
    }
  });

  it('that cannot be written cost nothing but another question', async () => {
    const folder = join(temporaryFolder(), 'file');
    writeFileSync(folder, 'in the way');
    expect((await ask({ rdap }, { folder })).answer?.cached).toBe(false);
    expect(readFileSync(folder, 'utf8')).toBe('in the way');
  });
});

describe('a hostile registry', () => {
  /** What is said of the RDAP server where WHOIS gives nothing either. */
  const failure = async (answers: Answers): Promise<string> => {
    const { error } = await ask(answers, { only: 'rdap' });
    return error instanceof Error ? error.message : 'it was answered';
  };

  it('that sends round in a circle is left', async () => {
    const rdap = {
      [RIPE]: redirect('https://rdap.arin.net/registry/ip/1'),
      'rdap.arin.net': redirect(`https://${RIPE}/ip/46.4.20.11`),
    };
    expect(await failure({ rdap })).toContain('rdap.arin.net sends round in a circle');
  });

  it('that sends on and on is left after four times', async () => {
    let step = 0;
    const rdap = {
      [RIPE]: (path: string, response: ServerResponse) =>
        redirect(`https://${RIPE}/ip/${++step}`)(path, response),
    };
    expect(await failure({ rdap })).toContain('sends on more than 4 times');
    expect(step).toBe(5);
  });

  it.each([
    ['http://rdap.arin.net/registry/ip/1', 'without TLS'],
    ['https://127.0.0.1/ip/1', '127.0.0.1, which is no registry'],
    ['https://rdap.db.ripe.net:8443/ip/1', 'which is no registry'],
    ['https://user:secret@rdap.arin.net/ip/1', 'which is no registry'],
    ['https://rdap.arin.net.evil.example/ip/1', 'which is no registry'],
    ['file:///etc/passwd', 'without TLS'],
    ['https://[', 'sends on to no address'],
  ])('that sends on to %s is not followed', async (location, sentence) => {
    await using servers = await registryServers({ rdap: { [RIPE]: redirect(location) } });
    const asking = lookUp('46.4.20.11', {
      folder: temporaryFolder(),
      signal: new AbortController().signal,
      only: 'rdap',
      transport: servers.transport,
    });
    await expect(asking).rejects.toThrow(sentence);
    expect(servers.asked).toEqual([RIPE]);
  });

  it('that sends without end by RDAP is cut off', async () => {
    const rdap = {
      [RIPE]: (_path: string, response: ServerResponse) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, '['))) {
            // Until the socket is full.
          }
        };
        response.on('drain', more);
        more();
      },
    };
    expect(await failure({ rdap })).toContain('rdap.db.ripe.net sent more than 1024 KiB');
  });

  it('that sends without end by WHOIS is cut off', async () => {
    const whois = {
      [WHOIS]: (_line: string, socket: Socket) => {
        const more = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536, '\n'))) {
            // Until the socket is full.
          }
        };
        socket.on('drain', more);
        more();
      },
    };
    const { error } = await ask({ whois }, { only: 'whois' });
    expect(error).toMatchObject({ message: expect.stringContaining('sent more than 256 KiB') });
  });

  it('that never ends its answer is left when its time is over', async () => {
    const rdap = {
      [RIPE]: (_path: string, response: ServerResponse) => void response.writeHead(200).write('{'),
    };
    const whois = { [WHOIS]: (_line: string, socket: Socket) => void socket.write('inetnum: ') };
    const { error } = await ask({ rdap, whois, timeoutMs: 100 });
    expect(error).toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(
        /ripe\.net did not answer in time\. whois\.ripe\.net did not answer in time/,
      ),
    });
  });

  it.each([
    ['not JSON', '<html>', 'sent no JSON'],
    ['JSON of a domain', '{"objectClassName":"domain"}', 'of no network and no AS number'],
    ['nothing', '', 'sent no JSON'],
  ])('that sends %s has not answered', async (_, body, sentence) => {
    const rdap = { [RIPE]: (_path: string, response: ServerResponse) => void response.end(body) };
    expect(await failure({ rdap })).toContain(sentence);
  });

  it('that breaks the connection off has not answered', async () => {
    const rdap = { [RIPE]: (_path: string, response: ServerResponse) => void response.destroy() };
    expect(await failure({ rdap })).toContain('rdap.db.ripe.net broke the connection off');
  });

  it('cannot send a WHOIS look-up to another machine or another port', async () => {
    const referrals = 'inetnum: 46.4.0.0/16\nReferralServer: whois://127.0.0.1\n';
    const elsewhere = await ask({ whois: { [WHOIS]: text(referrals) } }, { only: 'whois' });
    expect(elsewhere).toMatchObject({ asked: [WHOIS], answer: { range: '46.4.0.0/16' } });
    expect(elsewhere.answer?.notes).toEqual([
      'It sends on to 127.0.0.1, which is no registry that is known here and was not asked.',
    ]);
    const port = 'inetnum: 46.4.0.0/16\nrefer: whois.arin.net:22\n';
    expect((await ask({ whois: { [WHOIS]: text(port) } }, { only: 'whois' })).asked).toEqual([WHOIS]);
  });

  it('cannot send a WHOIS look-up round in a circle', async () => {
    const whois = {
      'whois.arin.net': text('refer: whois.ripe.net\n'),
      [WHOIS]: text('refer: whois.arin.net\n'),
    };
    const { asked, error } = await ask({ whois }, { query: '8.8.8.8', only: 'whois' });
    expect(asked).toEqual(['whois.arin.net', WHOIS]);
    expect(error).toMatchObject({ code: 'no-answer' });
  });
});

describe('a look-up that is cancelled', () => {
  it.each(['rdap', 'whois'] as const)('by %s ends at once, and asks nobody else', async (only) => {
    const controller = new AbortController();
    const reason = new Error('not wanted any more');
    await using servers = await registryServers({
      rdap: { [RIPE]: () => controller.abort(reason) },
      whois: { [WHOIS]: () => controller.abort(reason) },
      timeoutMs: 60_000,
    });
    const folder = temporaryFolder();
    const asking = lookUp('46.4.20.11', {
      folder,
      signal: controller.signal,
      only,
      transport: servers.transport,
    });
    await expect(asking).rejects.toBe(reason);
    expect(servers.asked).toEqual([only === 'rdap' ? RIPE : WHOIS]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the transport to the internet', () => {
  it('speaks TLS: a server without it gets no question', async () => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes: Buffer) => {
        heard.push(bytes);
        socket.end('HTTP/1.1 200 OK\r\n\r\n{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    const url = new URL(`https://127.0.0.1:${address.port}/ip/46.4.20.11`);
    const failed = new Promise((resolve) => {
      const options = { headers: {}, signal: AbortSignal.timeout(10_000) };
      internet.get(url, options, () => resolve(undefined)).on('error', resolve);
    });
    expect(await failed).toBeInstanceOf(Error);
    // The first byte of a TLS handshake, RFC 8446, section 5.1.
    expect(heard[0]?.[0]).toBe(22);
    expect(heard[0]?.includes('46.4.20.11')).toBe(false);
    server.close();
  });
});

describeWith('openssl', 'the transport to the internet, before a server that nobody vouches for', () => {
  it('asks nothing', async () => {
    const folder = temporaryFolder();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
    const subject = [
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    ];
    spawnSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert]);
    const heard: string[] = [];
    const server = createTlsServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (asked, response) => {
        heard.push(asked.url ?? '');
        response.end('{}');
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    const failed = new Promise((resolve) => {
      const options = { headers: {}, signal: AbortSignal.timeout(10_000) };
      internet
        .get(new URL(`https://localhost:${address.port}/`), options, () => resolve(undefined))
        .on('error', resolve);
    });
    expect(await failed).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(heard).toEqual([]);
    server.close();
  });
});
