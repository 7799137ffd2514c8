/** A case about the sample, and what can be done to a bundle of it. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import {
  addNote,
  addScreenshot,
  createCase,
  keepFlows,
  keepHost,
  keepTrace,
  withCases,
} from '../../core/app/case/desk.ts';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { DEFAULT_WITHIN, traceStore, type TraceRequest } from '../../core/app/trace/store.ts';

/** The smallest PNG file there is: one pixel. */
export const PIXEL = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);

/** The sample's question, and another one whose answer is another trace. */
function sampleQuestions(): [TraceRequest, TraceRequest] {
  const { victim, from, at, site } = loadSampleCase().question;
  const asked = { victim, from, at, site, within: DEFAULT_WITHIN };
  const { from: _, ...without } = asked;
  return [asked, without];
}

/** Imports the sample into `folder` and makes a case with two traces, flows, a host, a note and a screenshot of it. */
export async function makeSampleCase(folder: string): Promise<string> {
  for (const { folder: source, site } of loadSampleCase().sources)
    await importIntoFolder(folder, [source], { site });
  const { id } = createCase(folder, { name: 'The sample', reference: '', examiner: '' });
  withCases(folder, (book) => {
    for (const question of sampleQuestions()) {
      keepTrace(book, folder, id, { question, result: traceStore(folder, question) }, '');
    }
    keepFlows(book, folder, id, { filter: 'port 22', fromMs: null, toMs: null, kind: 'flow' }, 'logins');
    keepHost(book, folder, id, { address: '177.34.210.9', site: null }, '');
    addNote(book, folder, id, 'The owner was told.');
    addScreenshot(book, folder, id, { title: 'The path', png: PIXEL, note: '' });
  });
  return id;
}

type Files = Record<string, Uint8Array>;

/** Writes the bundle anew with other files, and a seal that fits: what somebody does who knows the format. */
export function rewrite(from: string, to: string, change: (files: Files) => void): void {
  const files = unzipSync(readFileSync(from));
  change(files);
  writeSealed(to, Buffer.from(zipSync(files)));
}

/** Puts the seal behind the bytes of a zip file without a comment. */
export function writeSealed(path: string, zip: Buffer): void {
  zip.writeUInt16LE(71, zip.length - 2);
  const sum = createHash('sha256').update(zip).digest('hex');
  writeFileSync(path, Buffer.concat([zip, Buffer.from(`sha256:${sum}`)]));
}

/** Makes the manifest agree with the files. */
export function refitManifest(files: Files): void {
  const manifest = JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())) as {
    files: { path: string; bytes: number; sha256: string }[];
  };
  for (const file of manifest.files) {
    const bytes = files[file.path];
    if (!bytes) continue;
    file.bytes = bytes.length;
    file.sha256 = createHash('sha256').update(bytes).digest('hex');
  }
  files['manifest.json'] = strToU8(JSON.stringify(manifest));
}

export const inFolder = (folder: string, name: string): string => join(folder, `${name}.backtrail-case`);
