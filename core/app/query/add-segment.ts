/** A segment's share in a question: its rows that are wanted, of the kinds that count, without duplicates, go to the kernel. */
import type { NumberedCodes } from '../../query/address-numbers.ts';
import type { Accumulator } from '../../query/kernel.ts';
import { kernelNamed } from '../../query/kernels.ts';
import { rowsOf } from '../../query/row-bits.ts';
import { samplingScale, type SamplerIntervals } from '../../query/sampling-scale.ts';
import type { RowSelector, SegmentReader, StoreDamage } from '../../store/segment-reader.ts';
import type { NumberedSegment, QueryJob, ShareNotes } from './engine.ts';
import type { NumberBook } from './numbers.ts';
import { addKinds, allRows, noKinds, rowsOfKinds } from './rows.ts';

/** A question that a thread works on, and what it noted so far. */
export interface OpenJob extends ShareNotes {
  readonly job: QueryJob;
  readonly accumulator: Accumulator<unknown>;
  readonly wanted: RowSelector | undefined;
  readonly reader: SegmentReader;
  readonly numbers: NumberBook;
  readonly samplers: SamplerIntervals;
  readonly damages: string[];
  sampled: number;
  unknownSampling: number;
  duplicates: number;
}

/** Returns how many of the segment's rows were looked at. Throws SegmentsMoved. */
export function addSegment(open: OpenJob, { number, segment, dropped }: NumberedSegment): number {
  const { wanted, job, reader } = open;
  const { question } = job;
  const kinds = question.kind === undefined ? kernelNamed(job.kernel).kinds : [question.kind];
  const onDamage = ({ message }: StoreDamage): number => open.damages.push(message);
  const options = { from: question.from, to: question.to, wanted, onDamage };
  return reader.visit(segment, options, (batch, matching, keeper, rowNumbers) => {
    const leftOut = noKinds();
    const ofKind = rowsOfKinds(batch, matching, kinds, leftOut);
    const rows = dropped ? rowsOf(dropped, ofKind, batch.count, false, rowNumbers?.()) : ofKind;
    const observed =
      dropped && kernelNamed(job.kernel).observes ? (ofKind ?? allRows(batch.count)) : undefined;
    if ((observed ?? rows)?.length !== 0) {
      const scale = samplingScale(batch, open.samplers);
      const factors = question.scaled === true ? scale?.factors : undefined;
      const numbered = keeper && ((): NumberedCodes | undefined => open.numbers.numbered(batch, keeper));
      open.accumulator.add({ batch, rows, observed, scale: factors, segment: number, rowNumbers, numbered });
      if (scale) {
        open.sampled += (rows ?? allRows(batch.count)).reduce(
          (sum, row) => sum + (scale.sampled[row] ?? 0),
          0,
        );
        open.unknownSampling += scale.unknown;
      }
    }
    // Only what can no longer fail: a damaged segment counts as not seen.
    if (dropped) open.duplicates += (ofKind?.length ?? batch.count) - (rows?.length ?? batch.count);
    addKinds(open.leftOut, leftOut);
  });
}
