/** Pages as the builder leaves them, as small as may be. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function makePages(folder: string): string {
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(
    join(pages, 'index.html'),
    '<meta name="csp-nonce" content="__CSP_NONCE__"><title>Backtrail</title>',
  );
  writeFileSync(join(pages, 'assets', 'main-12345678.js'), 'export {};');
  return pages;
}
