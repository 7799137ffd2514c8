/** Answers to GET: the workstation's files, downloads that were asked for, and nothing else. */
import { randomBytes } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { isOwnHost, securityHeaders } from './security.ts';
import { listStaticFiles, type StaticFile } from './static-files.ts';

/** In the built page, where the nonce of its style elements belongs. */
export const NONCE_PLACE = '__CSP_NONCE__';

export interface PageOptions {
  /** The built renderer. */
  readonly folder: string;
  readonly tls: boolean;
  readonly listenHost: string;
  /** The file of a link that was given out for one download; undefined for every other path. */
  readonly takeDownload: (path: string) => ServedDownload | undefined;
}

export interface ServedDownload {
  readonly fileName: string;
  readonly type: string;
  bytes(): AsyncIterable<Uint8Array>;
}

export type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void;

/** What the listener of an HTTP server does. The folder is read once: files that come later are not served. */
export function servePages({ folder, tls, listenHost, takeDownload }: PageOptions): AnswerRequest {
  const files = listStaticFiles(folder);
  return (request, response) => {
    const nonce = randomBytes(16).toString('base64');
    const { host = '' } = request.headers;
    const own = isOwnHost(request, tls, listenHost);
    const headers = securityHeaders(nonce, own ? `${tls ? 'wss' : 'ws'}://${host}` : '');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (!own) return refuse(response, 421, 'This server does not answer to that name.');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'Files can be read here, and nothing else.');
    }
    const path = pathOf(request.url ?? '');
    const file = files.get(path === '/' ? '/index.html' : path);
    const download = !file && request.method === 'GET' ? takeDownload(path) : undefined;
    if (download) return sendDownload(download, response);
    if (!file) return refuse(response, 404, 'There is no such file.');
    if (file.type.startsWith('text/html')) return sendPage(file, nonce, request, response);
    return sendFile(file, request, response);
  };
}

function sendPage(file: StaticFile, nonce: string, request: IncomingMessage, response: ServerResponse): void {
  const page = Buffer.from(readFileSync(file.path, 'utf8').replaceAll(NONCE_PLACE, nonce));
  response.writeHead(200, {
    'content-type': file.type,
    'content-length': page.length,
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : page);
}

function sendFile(file: StaticFile, request: IncomingMessage, response: ServerResponse): void {
  const caching = {
    etag: file.tag,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (request.headers['if-none-match'] === file.tag) {
    response.writeHead(304, caching).end();
    return;
  }
  response.writeHead(200, { ...caching, 'content-type': file.type, 'content-length': file.bytes });
  if (request.method === 'HEAD') response.end();
  // A reader that leaves in the middle is no fault of ours.
  else pipeline(createReadStream(file.path), response, () => undefined);
}

/** An export that fails in the middle cuts the connection: the browser says that the file is not whole. */
function sendDownload(download: ServedDownload, response: ServerResponse): void {
  const { fileName, type } = download;
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${fileName}"`,
    'cache-control': 'no-store',
  });
  pipeline(Readable.from(download.bytes(), { objectMode: false }), response, () => undefined);
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  const text = Buffer.from(`${sentence}\n`);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': text.length,
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** The path of a request's target, without its query; `` where it is none. Encoded characters stay as they are. */
function pathOf(target: string): string {
  return target.startsWith('/') ? (target.split(/[?#]/, 1)[0] ?? '') : '';
}
