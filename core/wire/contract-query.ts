/** Questions to the stored flows: the words are those of core/model/query.ts. */
import { z } from 'zod';
import type {
  ConversationAnswer,
  DistributionAnswer,
  FlowDetail,
  FlowListOpened,
  FlowRow,
  HostSummary,
  QueryProgress,
  SeriesAnswer,
  TopAnswer,
} from '../model/query.ts';
import { address, count, id, nothing, time } from './contract-common.ts';
import { call } from './method.ts';
import { shape } from './shape.ts';

/** Rows of one page of a list. */
const MAX_PAGE_ROWS = 1000;

const measure = z.enum(['flows', 'packets', 'bytes']);
const field = z.string().min(1).max(128);

export const selection = {
  kind: z.enum(['flow', 'event', 'sample', 'aggregate']).optional(),
  from: time.optional(),
  to: time.optional(),
  filter: z.string().max(16_384).optional(),
  everyObservation: z.boolean().optional(),
  scaled: z.boolean().optional(),
};

const progress = shape<QueryProgress>({ segmentsDone: 'number', segments: 'number', rowsScanned: 'number' });

/** With `partial`: the answer so far, some times a second. */
const progressOf = <T>(): z.ZodType<QueryProgress & { readonly partial?: T }> =>
  shape<QueryProgress & { readonly partial?: T }>({
    segmentsDone: 'number',
    segments: 'number',
    rowsScanned: 'number',
  });

export const queryMethods = {
  /** A sorted result to page through; close it when it is no longer shown. It ends with the connection. */
  'flows.open': call(
    z.strictObject({
      ...selection,
      sort: z.enum(['start', 'end', 'bytes', 'packets', 'duration']),
      descending: z.boolean(),
      limit: z.number().int().min(1).max(100_000_000).optional(),
      fromEnd: z.boolean().optional(),
    }),
    shape<FlowListOpened>({ list: 'string', total: 'number', notes: 'array' }),
    progress,
  ),
  'flows.page': call(
    z.strictObject({ list: id, offset: count, limit: z.number().int().min(1).max(MAX_PAGE_ROWS) }),
    shape<{ readonly rows: readonly FlowRow[] }>({ rows: 'array' }),
  ),
  'flows.close': call(z.strictObject({ list: id }), nothing),
  /** One flow by `FlowRow.id`. */
  'flows.detail': call(
    z.strictObject({ flow: id }),
    shape<FlowDetail>({ flow: 'object', elements: 'array' }),
  ),
  'query.top': call(
    z.strictObject({
      ...selection,
      fields: z.array(field).min(1).max(8),
      by: measure,
      times: z.boolean().optional(),
      limit: z.number().int().min(1).max(10_000),
    }),
    shape<TopAnswer>({ rows: 'array', total: 'object', distinct: 'number' }),
    progressOf<TopAnswer>(),
  ),
  'query.series': call(
    z.strictObject({
      ...selection,
      bucketMs: z.number().positive().optional(),
      maxBuckets: z.number().int().min(1).max(10_000).optional(),
      split: field.optional(),
      splitLimit: z.number().int().min(1).max(100).optional(),
      by: measure,
    }),
    shape<SeriesAnswer>({ startMs: 'number', bucketMs: 'number', buckets: 'number', lines: 'array' }),
    progressOf<SeriesAnswer>(),
  ),
  'query.conversations': call(
    z.strictObject({ ...selection, by: measure, limit: z.number().int().min(1).max(10_000) }),
    shape<ConversationAnswer>({ conversations: 'array', total: 'number' }),
    progress,
  ),
  'query.distribution': call(
    z.strictObject(selection),
    shape<DistributionAnswer>({ total: 'object', protocols: 'array', packetSizes: 'array' }),
    progress,
  ),
  'query.host': call(
    z.strictObject({ ...selection, address, site: z.string().max(200).optional() }),
    shape<HostSummary>({ address: 'string', sent: 'object', received: 'object' }),
    progress,
  ),
};
