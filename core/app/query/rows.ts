/** Rows of a batch, as ascending lists of row numbers: of one kind, and without some. */
import type { FlowBatch } from '../../model/flow-batch.ts';
import type { RecordKind } from '../../model/query.ts';

/** How many rows were passed over, by kind. */
export type KindCounts = Record<Exclude<RecordKind, 'flow'>, number>;

export const noKinds = (): KindCounts => ({ event: 0, sample: 0, aggregate: 0 });

export function addKinds(to: KindCounts, more: KindCounts): void {
  for (const kind of ['event', 'sample', 'aggregate'] as const) to[kind] += more[kind];
}

/** Those of the rows (undefined: all) whose kind is among the `kinds`; counts the others. */
export function rowsOfKinds(
  batch: FlowBatch,
  rows: Uint32Array | undefined,
  kinds: readonly RecordKind[],
  leftOut: KindCounts,
): Uint32Array | undefined {
  const told = batch.extras.get('_kind');
  if (!told) return kinds.includes('flow') ? rows : new Uint32Array(0);
  const kindOf: (RecordKind | undefined)[] = [];
  for (let i = 0; i < told.rows.length; i++) {
    const kind = told.values[i];
    if (kind === 'event' || kind === 'sample' || kind === 'aggregate') kindOf[told.rows[i] ?? 0] = kind;
  }
  return (rows ?? allRows(batch.count)).filter((row) => {
    const kind = kindOf[row] ?? 'flow';
    if (kinds.includes(kind)) return true;
    if (kind !== 'flow') leftOut[kind]++;
    return false;
  });
}

export function allRows(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}
