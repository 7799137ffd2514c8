/** Runs a computation over batches as the engine does: shared among accumulators, in any order, in as many passes as it takes. */
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import type { FlowSelection } from '../../core/model/query.ts';
import { AddressNumbers, type NumberedCodes } from '../../core/query/address-numbers.ts';
import type { Accumulator, Kernel, KernelHelp } from '../../core/query/kernel.ts';

export const help: KernelHelp = {
  range: null,
  severalSites: false,
  isElement: () => false,
};

/** `shares` names, for each accumulator, the batches it takes, in its order; one that takes all where absent. */
export function runKernel<Q extends FlowSelection, P, A, C>(
  kernel: Kernel<Q, P, A, C>,
  question: Q,
  batches: readonly SitedBatch[],
  options: {
    readonly shares?: readonly (readonly number[])[];
    readonly help?: KernelHelp;
    /** Each accumulator numbers the addresses of its batches, as a thread does; at most so many. */
    readonly numbers?: number;
  } = {},
): { readonly answer: A; readonly notes: readonly string[]; readonly passes: number } {
  const { shares = [batches.map((_, i) => i)] } = options;
  let carry: C | undefined;
  for (let passes = 1; ; passes++) {
    const partials = shares.map((share) => {
      const accumulator: Accumulator<P> = kernel.begin(question, options.help ?? help, carry);
      const numbers = options.numbers === undefined ? undefined : new AddressNumbers(options.numbers);
      for (const segment of share) {
        const batch = batches[segment];
        if (!batch) continue;
        const numbered = numbers && ((): NumberedCodes | undefined => numberedBy(numbers, batch));
        accumulator.add({ batch, rows: undefined, scale: undefined, segment, numbered });
      }
      // What moves to another thread is a copy.
      return structuredClone(accumulator.finish());
    });
    const conclusion = kernel.conclude(question, partials, options.help ?? help, carry);
    if ('answer' in conclusion) return { answer: conclusion.answer, notes: conclusion.notes ?? [], passes };
    carry = structuredClone(conclusion.carry);
  }
}

function numberedBy(numbers: AddressNumbers, { addresses }: SitedBatch): NumberedCodes | undefined {
  const ofCode = numbers.numberAll(addresses);
  return ofCode && { numbers, ofCode };
}
