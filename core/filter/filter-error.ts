/** Why a filter was refused, where, and what would have been understood there. */
import { ApiError } from '../model/api-error.ts';

/** `position` and `length` are UTF-16 units in the filter; `expected` lists what could stand there. */
export class FilterError extends ApiError {
  readonly position: number;
  readonly length: number;
  readonly expected: readonly string[];

  constructor(message: string, position: number, length: number, expected: readonly string[] = []) {
    super('bad-filter', message);
    this.name = 'FilterError';
    this.position = position;
    this.length = length;
    this.expected = expected;
  }
}

/** The candidate that the word was probably meant to be: at most a third of it differs (and two letters). */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let least = Math.min(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or swap with the next one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** `a`, `a or b`, `a, b or c`; of a long list the first and how many more. */
export function listed(words: readonly string[], most = 9): string {
  const shown =
    words.length > most
      ? [...words.slice(0, most - 1), `one of ${words.length - most + 1} more`]
      : [...words];
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`;
}
