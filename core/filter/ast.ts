/** A filter as a tree. Every node knows its place in the text. */

export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';

/** An exact whole number, or a decimal one as the nearest double. */
export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  /** The whole number exactly; undefined for a decimal fraction. */
  readonly exact: bigint | undefined;
}

/** An address (its mask is all ones) or a network; both of 4 or 16 bytes, the address already masked. */
export interface AddressValue {
  readonly kind: 'address';
  readonly bytes: Uint8Array;
  readonly mask: Uint8Array;
}

export interface TextValue {
  readonly kind: 'text';
  readonly text: string;
}

export type FilterValue = NumberValue | AddressValue | TextValue;

interface Place {
  readonly position: number;
  readonly length: number;
}

/** A comparison with one value, or `in` with several. */
export interface FilterTest extends Place {
  readonly kind: 'test';
  /** A phrase of the table of fields (fields.ts) such as `src port`. */
  readonly field: string;
  readonly comparison: Comparison | 'in';
  /** Empty where the phrase alone says everything (`ipv4`). */
  readonly values: readonly FilterValue[];
}

/** A comparison of a stored element, by its IPFIX name. */
export interface ElementTest extends Place {
  readonly kind: 'element';
  readonly name: string;
  readonly comparison: Comparison | 'in';
  readonly values: readonly FilterValue[];
}

export type FilterNode =
  | (Place & { readonly kind: 'every' })
  | (Place & { readonly kind: 'and' | 'or'; readonly nodes: readonly FilterNode[] })
  | (Place & { readonly kind: 'not'; readonly node: FilterNode })
  | FilterTest
  | ElementTest;
