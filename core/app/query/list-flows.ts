/** The stored flows that a person asked to see: sorted, as many as were asked for, as objects for the screen. */
import { ApiError } from '../../model/api-error.ts';
import type { FlowRow } from '../../model/query.ts';
import { formatTime, type EpochMs } from '../../model/time.ts';
import { Store } from '../../store/store.ts';
import { openQueries, type Queries } from './queries.ts';

/** Earliest first for `start` and `end`, largest first for the others. */
export const flowSortKeys = ['start', 'bytes', 'packets', 'duration', 'end'] as const;
export type FlowSortKey = (typeof flowSortKeys)[number];

/** What is listed of a flow, in this order. */
export const listedFields = [
  'startMs',
  'endMs',
  'protocol',
  'source',
  'sourcePort',
  'destination',
  'destinationPort',
  'tcpFlags',
  'packets',
  'bytes',
  'exporter',
  'exporterPort',
  'observationDomainId',
  'site',
] as const satisfies readonly (keyof FlowRow)[];

export type ListedFlow = Pick<FlowRow, (typeof listedFields)[number]>;

export interface ListFlowsOptions {
  /** In the filter language. */
  readonly filter?: string | undefined;
  /** Half-open range of time; a flow counts where it was there at any moment of it. */
  readonly from?: EpochMs | undefined;
  readonly to?: EpochMs | undefined;
  readonly limit: number;
  readonly sort: FlowSortKey;
  /** Latest or largest first, whatever the key. */
  readonly descending?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FlowList {
  readonly flows: readonly ListedFlow[];
  /** Flows that were selected, listed or not. */
  readonly total: number;
  /** What the store could not give, a sentence each. */
  readonly damages: readonly string[];
  /** What the person should know beside, a sentence each. */
  readonly notes: readonly string[];
}

const PAGE_ROWS = 10_000;

/** Lists flows of the store in `folder`, every exporter's observation. Throws ApiError, or the signal's reason. */
export async function listFlows(folder: string, options: ListFlowsOptions): Promise<FlowList> {
  const { filter, from, to, limit, sort, signal } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ApiError('usage', 'The range is empty: --from must be before --to.');
  }
  const queries = openQueries(folder);
  try {
    const descending = options.descending ?? (sort !== 'start' && sort !== 'end');
    const question = { filter, from, to, limit, sort, descending, everyObservation: true };
    const { list, listed, total, damages, notes } = await queries.openList(question, { signal });
    const flows = await allPages(queries, list, listed, signal);
    using store = Store.open(folder, { create: false });
    return { flows, total, damages, notes: [...notesOn(store, folder, total, options), ...notes] };
  } finally {
    await queries.close();
  }
}

async function allPages(
  queries: Queries,
  list: string,
  listed: number,
  signal: AbortSignal | undefined,
): Promise<FlowRow[]> {
  const flows: FlowRow[] = [];
  for (let offset = 0; offset < listed; offset += PAGE_ROWS) {
    signal?.throwIfAborted();
    for (const row of await queries.page(list, offset, PAGE_ROWS)) flows.push(row);
  }
  return flows;
}

function notesOn(
  store: Store,
  folder: string,
  total: number,
  { from, to, filter }: ListFlowsOptions,
): string[] {
  const notes = store
    .sources()
    .filter((source) => source.state === 'importing')
    .map(
      (source) =>
        `${source.name} is imported in part only (${source.rows} flows): run "backtrail import ${source.name} --store ${folder}" again.`,
    );
  if (total > 0) return notes;
  const range = store.timeRange();
  if (!range)
    return [...notes, `The store ${folder} holds no flows with a time: import files into it first.`];
  if (from === undefined && to === undefined) return notes;
  if (filter !== undefined) return [...notes, 'No flow of this range matches the filter.'];
  const span = `${formatTime(range.start)} to ${formatTime(range.end)}`;
  return [...notes, `No flow was there in this range: the store holds flows from ${span}.`];
}
