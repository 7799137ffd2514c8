/**
 * Draws resources/icons/icon.svg into the files that packages want: PNG in each size, one ICO and one ICNS. Both of these
 * are lists of PNG files behind a table of contents; on a Mac an icon stands with a margin of a tenth around it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';

const folder = fileURLToPath(new URL('../../resources/icons', import.meta.url));
const drawing = readFileSync(join(folder, 'icon.svg'), 'utf8');

const LINUX = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const;
const WINDOWS = [16, 24, 32, 48, 64, 128, 256] as const;
/** The type of each size in an ICNS file; those of the same size are for screens of twice the density. */
const MAC = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
] as const;
const MARGIN = 0.1;

async function draw(page: Page, size: number, margin: number): Promise<Buffer> {
  const inner = Math.round(size * (1 - 2 * margin));
  const style = `*{margin:0}svg{position:absolute;width:${inner}px;height:${inner}px;left:${(size - inner) / 2}px;top:${(size - inner) / 2}px}`;
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>${style}</style>${drawing}`);
  return page.screenshot({ omitBackground: true, type: 'png' });
}

/** Entries of 16 octets: width, height (0: 256), colours, planes, bits, length, offset. */
function ico(pictures: readonly (readonly [size: number, png: Buffer])[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [i, [size, png]] of pictures.entries()) {
    const at = 6 + 16 * i;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...pictures.map(([, png]) => png)]);
}

/** A type of four letters and a length that counts itself, before the whole and before each picture. */
function icns(pictures: readonly (readonly [type: string, png: Buffer])[]): Buffer {
  const block = (type: string, content: Buffer): Buffer => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32BE(head.length + content.length, 4);
    return Buffer.concat([head, content]);
  };
  return block('icns', Buffer.concat(pictures.map(([type, png]) => block(type, png))));
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  const drawn = new Map<number, Buffer>();
  for (const size of LINUX) drawn.set(size, await draw(page, size, 0));
  for (const [size, png] of drawn) writeFileSync(join(folder, `${size}x${size}.png`), png);
  writeFileSync(
    join(folder, 'icon.ico'),
    ico(WINDOWS.map((size) => [size, drawn.get(size) ?? Buffer.alloc(0)])),
  );
  const mac: [string, Buffer][] = [];
  for (const [type, size] of MAC) mac.push([type, await draw(page, size, MARGIN)]);
  writeFileSync(join(folder, 'icon.icns'), icns(mac));
} finally {
  await browser.close();
}
