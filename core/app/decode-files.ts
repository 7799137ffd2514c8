/**
 * Any files as one stream of neutral records.
 *
 * Files of export datagrams (raw payloads, captures) are one stream with one decoder in the order given, so that a template
 * in the first serves the data in the second; an archive of flows stands for itself.
 */
import { openSync, readSync, closeSync, statSync } from 'node:fs';
import { DatagramDecoder } from '../decode/datagram-decoder.ts';
import { neutralRecords, type NeutralRecord } from '../decode/neutral.ts';
import { ApiError } from '../model/api-error.ts';
import type { DecodeIssue, FlowChunk } from '../model/chunk.ts';
import { loadElements } from './resources.ts';
import { looksLikeExport, rawDatagrams } from './raw-datagrams.ts';

/** Rows, about, that are decoded before they are handed on. */
const BATCH_ROWS = 4096;

export type DecodeEvent =
  | { readonly kind: 'records'; readonly records: Iterable<NeutralRecord> }
  | { readonly kind: 'issues'; readonly path: string; readonly issues: readonly DecodeIssue[] }
  /** `path` could not be read; the others go on. */
  | { readonly kind: 'fault'; readonly error: ApiError }
  /** Bytes of all files gone through. */
  | { readonly kind: 'progress'; readonly bytesRead: number };

/** The size of the files together, as far as they can be read. */
export function totalSize(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Decodes the files in order. Files that cannot be read become `fault` events; nothing is thrown. */
export function* decodeFiles(paths: readonly string[]): Generator<DecodeEvent> {
  const elements = loadElements();
  const decoder = new DatagramDecoder({ elements });
  let number = 0;
  let before = 0;
  let last = '';
  const handOn = function* (path: string, chunk: FlowChunk): Generator<DecodeEvent> {
    const count = chunk.batch.count + chunk.options.length;
    if (count > 0) yield { kind: 'records', records: neutralRecords(chunk, number) };
    if (chunk.issues.length > 0) yield { kind: 'issues', path, issues: chunk.issues };
    number += count;
    yield { kind: 'progress', bytesRead: before + chunk.bytesRead };
  };
  for (const path of paths) {
    try {
      const size = sizeOf(path);
      for (const piece of openRaw(path, size)) {
        decoder.push(piece.bytes, { address: '', port: null, received: null, sourceOffset: piece.offset });
        if (decoder.pendingRows >= BATCH_ROWS) yield* handOn(path, decoder.take(piece.offset));
      }
      yield* handOn(path, decoder.take(size));
      before += size;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      yield { kind: 'fault', error };
    }
    last = path;
  }
  decoder.finish();
  yield* handOn(last, decoder.take(0));
}

function openRaw(path: string, size: number): ReturnType<typeof rawDatagrams> & object {
  const raw = looksLikeExport(readHead(path)) ? rawDatagrams(path, size) : undefined;
  if (!raw) throw new ApiError('unreadable-file', `${path} is no file of flows or export datagrams.`);
  return raw;
}

function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new ApiError('unreadable-file', `${path} does not exist.`);
  if (!stat.isFile()) throw new ApiError('unreadable-file', `${path} is not a file.`);
  if (stat.size === 0) throw new ApiError('unreadable-file', `${path} is empty.`);
  return stat.size;
}

function readHead(path: string): Uint8Array {
  const head = new Uint8Array(4);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new ApiError('unreadable-file', `${path} cannot be opened.`, { cause });
  }
  try {
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}
