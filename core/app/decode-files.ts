/**
 * Any files as one stream of neutral records.
 *
 * Files of export datagrams (raw payloads, captures) are one stream with one decoder in the order given, so that a template
 * in the first serves the data in the second; an archive of flows stands for itself.
 */
import { readArchive, type ArchiveChunk, type ArchiveKind } from '../archive/archive.ts';
import { archiveRecords } from '../archive/neutral.ts';
import type { TableMapping } from '../archive/text-mapping.ts';
import { DatagramDecoder } from '../decode/datagram-decoder.ts';
import type { NeutralRecord } from '../decode/neutral.ts';
import { ApiError } from '../model/api-error.ts';
import type { DecodeIssue, FlowChunk } from '../model/chunk.ts';
import { FileSource } from './file-source.ts';
import { loadElements } from './resources.ts';

/** Rows, about, that are decoded before they are handed on. */
const BATCH_ROWS = 4096;

export type DecodeEvent =
  | { readonly kind: 'records'; readonly records: Iterable<NeutralRecord> }
  | { readonly kind: 'issues'; readonly path: string; readonly issues: readonly DecodeIssue[] }
  /** `path` could not be read, or not to its end; the others go on. */
  | { readonly kind: 'fault'; readonly error: ApiError }
  /** Bytes of all files gone through. */
  | { readonly kind: 'progress'; readonly bytesRead: number };

/** Decodes the files in order. Files that cannot be read become `fault` events; nothing is thrown. */
export function* decodeFiles(paths: readonly string[], mapping?: TableMapping): Generator<DecodeEvent> {
  const decoder = new DatagramDecoder({ elements: loadElements() });
  let number = 0;
  let before = 0;
  const handOn = function* (path: string, kind: ArchiveKind, chunk: FlowChunk): Generator<DecodeEvent> {
    const count = chunk.batch.count + chunk.options.length;
    if (count > 0) yield { kind: 'records', records: archiveRecords(kind, chunk, number) };
    if (chunk.issues.length > 0) yield { kind: 'issues', path, issues: chunk.issues };
    number += count;
    yield { kind: 'progress', bytesRead: before + chunk.bytesRead };
  };
  for (const path of paths) {
    let bytesRead = 0;
    try {
      for (const chunk of readChunks(path, decoder, mapping)) {
        bytesRead = chunk.bytesRead;
        yield* handOn(path, chunk.kind, chunk);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      yield { kind: 'fault', error };
    }
    before += bytesRead;
  }
  decoder.finish();
  yield* handOn(paths.at(-1) ?? '', 'datagram', decoder.take(0));
}

function* readChunks(
  path: string,
  decoder: DatagramDecoder,
  mapping: TableMapping | undefined,
): Generator<ArchiveChunk> {
  using source = new FileSource(path);
  const options = { elements: loadElements(), batchRows: BATCH_ROWS, decoder, mapping };
  yield* explained(path, readArchive(source, options));
}

/** Says which file a refusal is about. */
function* explained(path: string, chunks: Iterable<ArchiveChunk>): Generator<ArchiveChunk> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
