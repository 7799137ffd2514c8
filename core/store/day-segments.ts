/** A chunk's flows as the segments that its days get. */
import type { FlowBatch } from '../model/flow-batch.ts';
import type { ColumnEncoder } from './column-encoder.ts';
import { flowSpans, type DayName, type FlowSpans } from './flow-time.ts';
import type { DayPart, KnownContext } from './known-context.ts';
import { encodeSegment, type StoredColumn } from './segment.ts';
import { selectRows } from './select-rows.ts';

export interface DaySegment {
  readonly day: DayName;
  readonly segment: FlowBatch;
  readonly spans: FlowSpans;
  readonly columns: readonly StoredColumn[];
}

/** One segment a day, encoded when it is asked for; `known` was told of the batch. */
export function* daySegments(
  batch: FlowBatch,
  spans: FlowSpans,
  parts: readonly (DayPart & { readonly datagrams: readonly number[] })[],
  known: KnownContext,
  encoder: ColumnEncoder,
): Generator<DaySegment> {
  for (const { day, rows, datagrams } of parts) {
    const whole = parts.length === 1;
    const segment = whole ? batch : selectRows(batch, rows, datagrams);
    const ids = segment.exporters.map((exporter) => known.idOf(exporter));
    const columns = encodeSegment(segment, ids, (name, column, tellers) =>
      encoder.encode(name, column, tellers),
    );
    yield { day, segment, spans: whole ? spans : flowSpans(segment), columns };
  }
}
