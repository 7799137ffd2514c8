/** The numbers that a thread gives to addresses, kept with the segments from one question to the next. */
import type { FlowBatch } from '../../model/flow-batch.ts';
import { AddressNumbers, type NumberedCodes } from '../../query/address-numbers.ts';
import type { PartKeeper, SegmentCache } from '../../store/segment-cache.ts';

const PART = 'addresses.numbers';

export class NumberBook {
  readonly #cache: SegmentCache;
  #numbers = new AddressNumbers();
  /** Segments of the question before that were numbered, and those whose addresses were too many. */
  #given = 0;
  #refused = 0;

  constructor(cache: SegmentCache) {
    this.#cache = cache;
  }

  /** Begins anew where most numbers went to addresses that are no longer asked for. No sums may be open. */
  beginQuestion(): void {
    if (this.#refused > this.#given) {
      this.#numbers = new AddressNumbers();
      this.#cache.drop(PART);
    }
    this.#given = this.#refused = 0;
  }

  /** The numbers of the batch's addresses; undefined where there are too many. */
  numbered({ addresses }: FlowBatch, keeper: PartKeeper): NumberedCodes | undefined {
    const ofCode = keeper.keep(PART, () => this.#numbers.numberAll(addresses) ?? null);
    if (ofCode) this.#given++;
    else this.#refused++;
    return ofCode ? { numbers: this.#numbers, ofCode } : undefined;
  }
}
