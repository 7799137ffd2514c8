/** What a thread sums of autonomous systems: by their numbers as they are, and the few large ones by keys in a table. */
import type { KernelHelp, SelectedRows } from './kernel.ts';
import { tableOf } from './numbered-sums.ts';
import { KeySums, type KeysSoFar, type KeyTable } from './report-keys.ts';
import { CodeSums, COUNTS } from './report-sums.ts';
import { KeyFields } from './top.ts';

export const SYSTEMS = { stride: COUNTS, mark: COUNTS } as const;

/** Numbers below are places. What registries give out is well below; numbers of private use begin at 4,200,000,000. */
const DIRECT = 1 << 19;
const FIRST = 1 << 10;

export interface SystemOptions {
  readonly maxKeys: number;
  /** What the passes before settled; absent in the first. */
  readonly before: KeysSoFar | undefined;
}

export class SystemSums {
  readonly #keys: KeySums;
  readonly #first: boolean;
  readonly #ofCodes = new CodeSums();
  readonly #direct = new CodeSums();

  constructor(help: KernelHelp, { maxKeys, before }: SystemOptions) {
    this.#keys = new KeySums(new KeyFields(['as'], help), { ...SYSTEMS, maxKeys }, before);
    this.#first = before === undefined;
  }

  /** Reads what it needs of the batch; what it returns takes the rows in. */
  bind(selected: SelectedRows): (rows: Uint32Array) => void {
    const { bgpSourceAsNumber, bgpDestinationAsNumber, packetDeltaCount, octetDeltaCount } =
      selected.batch.columns;
    const size = 1 + Math.max(largestOf(bgpSourceAsNumber), largestOf(bgpDestinationAsNumber));
    if (this.#first && size <= DIRECT) {
      return (rows) => {
        this.#direct.grow(Math.max(size, FIRST));
        this.#direct.addEnds(
          bgpSourceAsNumber,
          bgpDestinationAsNumber,
          rows,
          packetDeltaCount,
          octetDeltaCount,
        );
      };
    }
    const sides = (['source', 'destination'] as const).map((side) => this.#keys.bind(selected, side));
    return (rows) => {
      for (const side of sides) {
        this.#ofCodes.clear(side.size);
        this.#ofCodes.add(side, rows, packetDeltaCount, octetDeltaCount);
        this.#keys.add(this.#keys.locate(side, this.#ofCodes.values), this.#ofCodes.values, 0);
      }
    };
  }

  finish(): KeyTable[] {
    const keys = this.#keys.finish();
    const { values } = this.#direct;
    if (values.length === 0) return [keys];
    const order = Uint32Array.from({ length: values.length / COUNTS }, (_, number) => number);
    const write = (number: number, words: Uint32Array, at: number): void => {
      words[at] = number;
    };
    const direct = tableOf(values, order, { width: 1, stride: COUNTS, write }, undefined);
    return [{ table: direct, texts: [''] }, ...(keys.table.count > 0 ? [keys] : [])];
  }
}

function largestOf(values: Uint32Array): number {
  let largest = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (value > largest) largest = value;
  }
  return largest;
}
