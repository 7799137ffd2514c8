/** The filter language, as the engine uses it. */
import { ApiError } from '../model/api-error.ts';
import type { SitedBatch } from '../model/flow-batch.ts';
import type { SegmentSummary } from '../store/segment-reader.ts';

export interface RowFilter {
  mayMatch(segment: SegmentSummary): boolean;
  select(batch: SitedBatch, rows?: Uint32Array): Uint32Array;
}

/** The filter of a question; undefined where it takes everything. Throws ApiError `usage`. */
export function compileFilter(text: string | undefined): RowFilter | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  throw new ApiError('usage', `The filter cannot be read: ${text}`);
}
