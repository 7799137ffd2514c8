/**
 * Any files as one stream of neutral records.
 *
 * Files of export datagrams (raw payloads, captures) are one stream with one decoder in the order given, so that a template
 * in the first serves the data in the second; an archive of flows stands for itself.
 */
import {
  readArchive,
  type ArchiveChunk,
  type ArchiveKind,
  type ArchiveSummary,
} from '../../archive/archive.ts';
import { archiveRecords } from '../../archive/neutral.ts';
import type { TableMapping } from '../../archive/text-mapping.ts';
import { DatagramDecoder } from '../../decode/datagram-decoder.ts';
import { nameRecords } from '../../decode/vendor-names.ts';
import type { NeutralRecord } from '../../decode/neutral.ts';
import { ApiError } from '../../model/api-error.ts';
import type { DecodeIssue, FlowChunk } from '../../model/chunk.ts';
import { MAX_BATCH_ROWS } from '../../model/flow-batch.ts';
import { FileSource } from './file-source.ts';
import { loadElements } from '../resources.ts';

/** Rows, about, that are decoded before they are handed on. */
const BATCH_ROWS = 4096;

export type DecodeEvent =
  | { readonly kind: 'records'; readonly records: Iterable<NeutralRecord> }
  | { readonly kind: 'issues'; readonly path: string; readonly issues: readonly DecodeIssue[] }
  /** `path` could not be read, or not to its end; the others go on. */
  | { readonly kind: 'fault'; readonly error: ApiError }
  /** `path` could be read up to this byte and no further. */
  | { readonly kind: 'broken'; readonly path: string; readonly at: number }
  /** Bytes of all files gone through. */
  | { readonly kind: 'progress'; readonly bytesRead: number };

export interface DecodeOptions {
  /** What the columns of tables mean. */
  readonly mapping?: TableMapping | undefined;
  /** Elements of vendors under their names, with values of their types. */
  readonly named?: boolean | undefined;
}

/** Decodes the files in order. Files that cannot be read become `fault` events; nothing is thrown. */
export function* decodeFiles(
  paths: readonly string[],
  { mapping, named = false }: DecodeOptions = {},
): Generator<DecodeEvent> {
  const decoder = new DatagramDecoder({ elements: loadElements() });
  let number = 0;
  let before = 0;
  const handOn = function* (path: string, kind: ArchiveKind, chunk: FlowChunk): Generator<DecodeEvent> {
    const count = chunk.batch.count + chunk.options.length;
    if (count > 0) {
      const records = archiveRecords(kind, chunk, number);
      yield { kind: 'records', records: named ? nameRecords(records, loadElements()) : records };
    }
    if (chunk.issues.length > 0) yield { kind: 'issues', path, issues: chunk.issues };
    number += count;
    yield { kind: 'progress', bytesRead: before + chunk.bytesRead };
  };
  for (const path of paths) {
    let bytesRead = 0;
    try {
      const chunks = readChunks(path, decoder, mapping);
      let step = chunks.next();
      for (; !step.done; step = chunks.next()) {
        bytesRead = step.value.bytesRead;
        yield* handOn(path, step.value.kind, step.value);
      }
      if (step.value.brokeAt !== null) yield { kind: 'broken', path, at: step.value.brokeAt };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      yield { kind: 'fault', error };
    }
    before += bytesRead;
  }
  const last = paths.at(-1) ?? '';
  while (decoder.pendingRows >= MAX_BATCH_ROWS) yield* handOn(last, 'datagram', decoder.take(0));
  decoder.finish();
  yield* handOn(last, 'datagram', decoder.take(0));
}

function* readChunks(
  path: string,
  decoder: DatagramDecoder,
  mapping: TableMapping | undefined,
): Generator<ArchiveChunk, ArchiveSummary> {
  using source = new FileSource(path);
  const options = { elements: loadElements(), batchRows: BATCH_ROWS, decoder, mapping };
  return yield* explained(path, readArchive(source, options));
}

/** Says which file a refusal is about. */
function* explained(
  path: string,
  chunks: Generator<ArchiveChunk, ArchiveSummary>,
): Generator<ArchiveChunk, ArchiveSummary> {
  try {
    return yield* chunks;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
