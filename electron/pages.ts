/** The built pages under `app://backtrail/`: what is in their folder, downloads that were asked for, and nothing else. */
import { randomBytes } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { NONCE_PLACE, type ServedDownload } from '../core/server/pages.ts';
import { securityHeaders } from '../core/server/security.ts';
import { listStaticFiles } from '../core/server/static-files.ts';
import { isOwnAddress } from './security.ts';

export interface DeskPagesOptions {
  /** The built renderer. */
  readonly folder: string;
  readonly takeDownload: (path: string) => ServedDownload | undefined;
}

export type AnswerPage = (request: Request) => Response;

/** The folder is read once: files that come later are not served. */
export function deskPages({ folder, takeDownload }: DeskPagesOptions): AnswerPage {
  const files = listStaticFiles(folder);
  return ({ url, method }) => {
    const nonce = randomBytes(16).toString('base64');
    const headers = securityHeaders(nonce, '');
    const refuse = (status: number): Response => new Response(null, { status, headers });
    if (!isOwnAddress(url)) return refuse(421);
    if (method !== 'GET') return refuse(405);
    const { pathname } = new URL(url);
    const file = files.get(pathname === '/' ? '/index.html' : pathname);
    if (file) {
      const type = { 'content-type': file.type };
      if (file.type.startsWith('text/html')) {
        const page = readFileSync(file.path, 'utf8').replaceAll(NONCE_PLACE, nonce);
        return new Response(page, { headers: { ...headers, ...type, 'cache-control': 'no-store' } });
      }
      return new Response(streamOf(createReadStream(file.path)), {
        headers: { ...headers, ...type, 'content-length': String(file.bytes) },
      });
    }
    const download = takeDownload(pathname);
    if (!download) return refuse(404);
    return new Response(streamOf(Readable.from(download.bytes(), { objectMode: false })), {
      headers: {
        ...headers,
        'content-type': download.type,
        'content-disposition': `attachment; filename="${download.fileName.replaceAll(/[^\x20-\x7e]|["\\]/g, '_')}"`,
        'cache-control': 'no-store',
      },
    });
  };
}

const streamOf = (readable: Readable): ReadableStream<Uint8Array> =>
  Readable.toWeb(readable) as unknown as ReadableStream<Uint8Array>;
