/** One target against very many logins: an index lists those worth a look, and these are scored exactly. */
import { lagReach, scoreBoundaries, scorePair, type PairScore } from './pair-score.ts';
import { sharedThreshold, TableSides, type PrintTable } from './print-table.ts';
import { SearchIndex } from './search-index.ts';

export interface Found {
  readonly id: number;
  readonly score: PairScore;
}

/**
 * Of the shortlist all are scored by their boundaries, and so many of the best by every reading (chaff, rhythm): where
 * chaff hides most boundaries, those that are left still lift a login above strangers.
 */
const READ_FULLY = 200;

/** Searches one table any number of times. Building it takes the time; the index takes 8 bytes a silence. */
export class LoginSearch {
  readonly #table: PrintTable;
  readonly #index: SearchIndex;
  readonly #sides: TableSides;

  constructor(table: PrintTable) {
    this.#table = table;
    this.#index = new SearchIndex(table);
    this.#sides = new TableSides(table);
  }

  /** The logins that agree best with `target` (its number in the table), best first, at most `limit`. */
  find(target: number, limit = READ_FULLY): Found[] {
    const [own] = this.#sides.pair(target, target);
    const threshold = sharedThreshold(this.#table.timeoutMs[target] ?? 0);
    const listed: { id: number; nats: number }[] = [];
    for (const id of this.#index.shortlist(own.boundaries, lagReach(own, own))) {
      if (id === target) continue;
      const isCoarser = sharedThreshold(this.#table.timeoutMs[id] ?? 0) > threshold;
      const [x, y] = isCoarser ? this.#sides.pair(target, id) : [own, this.#sides.side(id, threshold)];
      const score = scoreBoundaries(x, y);
      if (score) listed.push({ id, nats: score.unguardedNats });
    }
    listed.sort((a, b) => b.nats - a.nats);
    return listed
      .slice(0, READ_FULLY)
      .flatMap(({ id }): Found[] => {
        const score = scorePair(...this.#sides.pair(target, id));
        return score ? [{ id, score }] : [];
      })
      .sort((a, b) => b.score.scoreNats - a.score.scoreNats)
      .slice(0, limit);
  }
}
