/** A comparison of numbers, compiled: an interval (or what lies outside of it), or a set. */
import type { ElementValue } from '../model/flow-batch.ts';
import type { Comparison, NumberValue } from './ast.ts';

/** `lowest` to `highest`, both included, or all outside when `outside`. */
export interface Interval {
  readonly kind: 'interval';
  readonly lowest: number;
  readonly highest: number;
  readonly outside: boolean;
  /** For counters above 2^53, which come as decimal text. */
  readonly comparison: Comparison;
  readonly operand: NumberValue;
}

export interface NumberSet {
  readonly kind: 'set';
  readonly numbers: ReadonlySet<number>;
  readonly exact: ReadonlySet<bigint>;
  /** A 1 for each number of 16 bits that is in the set. */
  readonly table: Uint8Array;
}

export type NumberMatch = Interval | NumberSet;

export function numberMatch(comparison: Comparison | 'in', values: readonly NumberValue[]): NumberMatch {
  const [operand] = values;
  if (comparison === 'in' || operand === undefined) {
    return numberSet(
      values.map(({ value }) => value),
      values.flatMap(({ exact }) => (exact === undefined ? [] : [exact])),
    );
  }
  const { value } = operand;
  const above = comparison === '>' || comparison === '>=';
  const below = comparison === '<' || comparison === '<=';
  return {
    kind: 'interval',
    lowest: below ? Number.NEGATIVE_INFINITY : comparison === '>' ? neighbour(value, 1) : value,
    highest: above ? Number.POSITIVE_INFINITY : comparison === '<' ? neighbour(value, -1) : value,
    outside: comparison === '!=',
    comparison,
    operand,
  };
}

export function numberSet(numbers: Iterable<number>, exact: Iterable<bigint> = []): NumberSet {
  const set = { kind: 'set', numbers: new Set(numbers), exact: new Set(exact) } as const;
  const table = new Uint8Array(0x10000);
  for (const number of set.numbers) {
    if (Number.isInteger(number) && number >= 0 && number < table.length) table[number] = 1;
  }
  return { ...set, table };
}

export function passes(match: NumberMatch, value: number): boolean {
  if (match.kind === 'set') return match.numbers.has(value);
  return (value >= match.lowest && value <= match.highest) !== match.outside;
}

/** As `passes`, of a stored value: a counter above 2^53 is decimal text. What is no number passes never. */
export function passesValue(match: NumberMatch, value: ElementValue): boolean {
  if (typeof value === 'number') return !Number.isNaN(value) && passes(match, value);
  if (typeof value === 'boolean') return passes(match, value ? 1 : 0);
  if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) return false;
  if (value.includes('.')) return passes(match, Number(value));
  const exact = BigInt(value);
  if (match.kind === 'set') return match.exact.has(exact) || match.numbers.has(Number(value));
  const operand = match.operand.exact ?? match.operand.value;
  switch (match.comparison) {
    case '=':
      return exact === operand;
    case '!=':
      return exact !== operand;
    case '<':
      return exact < operand;
    case '>':
      return exact > operand;
    case '<=':
      return exact <= operand;
    default:
      return exact >= operand;
  }
}

/** False where no value from `least` to `most` passes; null bounds say nothing. Counters there may be rounded. */
export function mayPassWithin(match: NumberMatch, least: number | null, most: number | null): boolean {
  if (least === null || most === null) return true;
  const low = least - rounding(least);
  const high = most + rounding(most);
  if (match.kind === 'set') return [...match.numbers].some((value) => value >= low && value <= high);
  if (match.outside) return low !== high || low !== match.lowest;
  return high >= match.lowest && low <= match.highest;
}

/** False where every value from `least` to `most` passes. */
export function mayFailWithin(match: NumberMatch, least: number | null, most: number | null): boolean {
  if (least === null || most === null || match.kind === 'set') return true;
  const low = least - rounding(least);
  const high = most + rounding(most);
  if (match.outside) return match.lowest >= low && match.lowest <= high;
  return low < match.lowest || high > match.highest;
}

/** How far a counter may be from the bound that stands for it. */
function rounding(bound: number): number {
  return Math.abs(bound) < 2 ** 53 ? 0 : Math.abs(bound) * 2 ** -50;
}

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The next double above (`step` 1) or below (-1). */
function neighbour(value: number, step: 1 | -1): number {
  if (value === 0) return step * Number.MIN_VALUE;
  float[0] = value;
  bits[0] = (bits[0] ?? 0n) + BigInt(value > 0 ? step : -step);
  return float[0];
}
