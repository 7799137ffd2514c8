/** All flows of a selection, as a stream of bytes in a format of other programs. */
import { setImmediate } from 'node:timers/promises';
import { lz4Packing, zstdPacking } from '../../archive/nfcapd-write-packing.ts';
import { NfcapdWriter, type NfcapdPacking } from '../../archive/nfcapd-write.ts';
import { ApiError } from '../../model/api-error.ts';
import type { FlowSelection, RecordKind } from '../../model/query.ts';
import type { SegmentSummary } from '../../model/segment-summary.ts';
import { samplingScale } from '../../query/sampling-scale.ts';
import { Store } from '../../store/store.ts';
import type { FlowEncoder } from './encoder.ts';
import { parquetEncoder } from './parquet.ts';
import { exportColumns } from './rows.ts';
import { csvEncoder, jsonLinesEncoder } from './text.ts';
import { compileFilter } from '../query/filter.ts';
import { noKinds, rowsOfKinds } from '../query/rows.ts';

export const exportFormats = ['csv', 'jsonl', 'parquet', 'nfcapd'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const nfcapdCompressions = ['none', 'lz4', 'zstd'] as const;
export type NfcapdCompression = (typeof nfcapdCompressions)[number];

export interface ExportQuestion extends FlowSelection {
  readonly format: ExportFormat;
  /** False: without the elements that have no column of their own. nfcapd has those that nfdump has. */
  readonly elements?: boolean | undefined;
  /** Of nfcapd's blocks; `none` where not given. zstd is read by nfdump from 1.7.2 on. */
  readonly compression?: NfcapdCompression | undefined;
}

/** Where the bytes go. `write` may make the export wait; the bytes are good until it is done. */
export interface ExportSink {
  write(bytes: Uint8Array): void | Promise<void>;
  /** Replaces the first bytes of what was written; without it nfcapd cannot be written. */
  replaceHead?(bytes: Uint8Array): void;
}

export interface ExportOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: { readonly flows: number; readonly bytes: number }) => void) | undefined;
}

export interface ExportSummary {
  readonly flows: number;
  readonly bytes: number;
  /** What the store could not give, a sentence each. */
  readonly damages: readonly string[];
  /** What the person should know, a sentence each. */
  readonly notes: readonly string[];
}

/** Sums over flows are no flows. */
const exportedKinds: readonly RecordKind[] = ['flow', 'event', 'sample'];

/**
 * Writes the flows of the store in `folder` that the question selects, in memory that does not grow with their number:
 * days in order, within a day as they were stored. Every observation is written, also where two exporters saw one flow.
 * Throws ApiError (`usage`, `bad-filter`, `no-store` ...) before the first byte, and the signal's reason when it is
 * aborted, which it looks at between segments.
 */
export async function exportFlows(
  folder: string,
  question: ExportQuestion,
  sink: ExportSink,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  const { from, to } = question;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ApiError('usage', 'The range is empty: --from must be before --to.');
  }
  const filter = compileFilter(question.filter);
  const encoder = encoderFor(question, sink);
  using store = Store.open(folder, { create: false });
  const damages: string[] = [];
  const leftOut = noKinds();
  let flows = 0;
  let bytes = 0;
  let unscaled = 0;
  let sampled = false;
  const send = async (pieces: Iterable<Uint8Array>): Promise<void> => {
    for (const piece of pieces) {
      bytes += piece.length;
      await sink.write(piece);
    }
  };
  const mayMatch = filter && ((segment: SegmentSummary): boolean => filter.mayMatch(segment));
  const kinds = question.kind === undefined ? exportedKinds : [question.kind];
  for (const batch of store.scan({ from, to, mayMatch, onDamage: ({ message }) => damages.push(message) })) {
    options.signal?.throwIfAborted();
    const rows = rowsOfKinds(batch, filter?.select(batch), kinds, leftOut);
    const count = rows?.length ?? batch.count;
    if (count > 0) {
      const scale = samplingScale(batch);
      sampled ||= scale?.sampled.includes(1) === true;
      unscaled += scale?.unknown ?? 0;
      await send(encoder.add(batch, rows, question.scaled === true ? scale?.factors : undefined));
      flows += count;
    }
    options.onProgress?.({ flows, bytes });
    // Lets signals and other work of the host in.
    await setImmediate();
  }
  const { rest, head } = encoder.finish();
  await send(rest);
  if (head) sink.replaceHead?.(head);
  const notes = notesOn(store, leftOut.aggregate, sampled, unscaled, question);
  return { flows, bytes, damages, notes };
}

function notesOn(
  store: Store,
  aggregates: number,
  sampled: boolean,
  unscaled: number,
  question: ExportQuestion,
): string[] {
  const notes = store
    .sources()
    .filter((source) => source.state === 'importing')
    .map((source) => `${source.name} is imported in part only: import it again to finish.`);
  if (aggregates > 0) {
    const which = aggregates === 1 ? '1 aggregate' : `${aggregates} aggregates`;
    notes.push(`${which} of NetFlow v8 in the selection are sums over flows, and not exported.`);
  }
  if (!sampled) return notes;
  if (question.scaled !== true) {
    notes.push('Some of the exporters sample: counters are as they were exported, not multiplied.');
  } else {
    notes.push('Counters of exporters that sample were multiplied by their sampling interval.');
    if (unscaled > 0)
      notes.push(`${unscaled} sampled flows do not say their interval, and are as they were.`);
  }
  return notes;
}

function encoderFor(question: ExportQuestion, sink: ExportSink): FlowEncoder {
  const columns = exportColumns(question.elements !== false);
  switch (question.format) {
    case 'csv':
      return csvEncoder(columns);
    case 'jsonl':
      return jsonLinesEncoder(columns);
    case 'parquet':
      return parquetEncoder(columns, 'Backtrail');
    case 'nfcapd':
      return nfcapdEncoder(question, sink);
  }
}

const packings: Readonly<Record<NfcapdCompression, NfcapdPacking | undefined>> = {
  none: undefined,
  lz4: lz4Packing,
  zstd: zstdPacking,
};

function nfcapdEncoder(question: ExportQuestion, sink: ExportSink): FlowEncoder {
  if (question.scaled === true) {
    throw new ApiError(
      'usage',
      'An nfcapd file holds counters as they were exported: export it without --scaled.',
    );
  }
  if (!sink.replaceHead) {
    throw new ApiError('usage', 'An nfcapd file cannot be streamed: its first bytes are written last.');
  }
  let pieces: Uint8Array[] = [];
  const take = (): Uint8Array[] => {
    const taken = pieces;
    pieces = [];
    return taken;
  };
  const writer = new NfcapdWriter({
    write: (bytes) => pieces.push(new Uint8Array(bytes)),
    created: Date.now() / 1000,
    ident: 'Backtrail',
    packing: packings[question.compression ?? 'none'],
  });
  return {
    add(batch, rows) {
      writer.add(batch, rows);
      return take();
    },
    finish() {
      const head = writer.finish();
      return { rest: take(), head };
    },
  };
}
