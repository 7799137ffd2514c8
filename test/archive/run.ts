/** Reads bytes as an archive and gives back what a test wants to see. */
import { loadElements } from '../../core/app/resources.ts';
import { readArchive, type ArchiveSummary } from '../../core/archive/archive.ts';
import { memorySource, type ByteSource } from '../../core/archive/byte-cursor.ts';
import { archiveRecords } from '../../core/archive/neutral.ts';
import type { TableMapping } from '../../core/archive/text-mapping.ts';
import type { DecodeIssue, FlowChunk } from '../../core/model/chunk.ts';
import type { ElementValue } from '../../core/model/flow-batch.ts';

export interface Read {
  readonly chunks: readonly FlowChunk[];
  readonly records: readonly Record<string, ElementValue>[];
  readonly rows: number;
  readonly issues: readonly DecodeIssue[];
  readonly summary: ArchiveSummary;
}

export function read(bytes: Uint8Array, batchRows?: number, mapping?: TableMapping): Read {
  return readFrom(memorySource(bytes), batchRows, mapping);
}

export function readFrom(source: ByteSource, batchRows?: number, mapping?: TableMapping): Read {
  const options = batchRows === undefined ? {} : { batchRows };
  const reading = readArchive(source, { elements: loadElements(), mapping, ...options });
  const chunks: FlowChunk[] = [];
  let step = reading.next();
  for (; !step.done; step = reading.next()) chunks.push(step.value);
  const summary = step.value;
  const records: Record<string, ElementValue>[] = [];
  for (const chunk of chunks) {
    records.push(...archiveRecords(summary.kind, chunk, records.length));
  }
  const rows = chunks.reduce((sum, chunk) => sum + chunk.batch.count, 0);
  return { chunks, records, rows, issues: chunks.flatMap((chunk) => chunk.issues), summary };
}
