import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, startHost, type Host } from './clients.ts';

describe('the pages of the workstation', () => {
  let host: Host;

  beforeAll(async () => {
    host = await startHost();
  });

  afterAll(async () => host.close());

  it('come with a policy that lets scripts of this server alone run, and a new nonce each time', async () => {
    const [first, second] = [await get(host, '/'), await get(host, '/')];
    expect(first.status).toBe(200);
    const policy = first.headers['content-security-policy'] ?? '';
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toMatch(/(^|; )script-src 'self'(;|$)/);
    expect(policy).not.toContain('unsafe-eval');
    const nonce = /content="([^"]+)"/.exec(first.text)?.[1] ?? 'none';
    expect(policy).toContain(`'nonce-${nonce}'`);
    expect(second.text).not.toContain(nonce);
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
  });

  it('keep a file whose name changes with its content for ever, and know it again by its tag', async () => {
    const file = await get(host, '/assets/app-AbCd1234.js');
    expect(file.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const tag = file.headers.etag ?? '';
    const again = await get(host, '/assets/app-AbCd1234.js', { headers: { 'if-none-match': tag } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it.each([
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/assets/..\\..\\package.json',
    '//etc/passwd',
    '/.hidden',
    '/assets/',
    '/assets',
    '/index.html/',
    '/nothing.js',
    'http://elsewhere/index.html',
  ])('give nothing for %s', async (path) => {
    expect((await get(host, path)).status).toBe(404);
  });

  it('give nothing to who names another server: a page elsewhere may have pointed its name here', async () => {
    const { status } = await get(host, '/', { headers: { host: 'evil.example:80' } });
    expect(status).toBe(421);
    expect((await get(host, '/', { headers: { host: 'localhost:1' } })).status).toBe(200);
  });

  it('can be read and nothing else', async () => {
    expect((await get(host, '/', { method: 'POST' })).status).toBe(405);
    const head = await get(host, '/', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
  });
});
