/** Writes small MMDB files (MaxMind DB file format, version 2.0): a search tree of 24-bit records, then the records. */
import { parsePrefix } from '../../core/geo/prefix-table.ts';

export type MmdbValue =
  | string
  | number
  | boolean
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue }
  /** Bytes as they are, for what no writer would write. */
  | Uint8Array;

export interface MmdbContents {
  readonly type: string;
  readonly ipVersion?: 4 | 6;
  /** By ranges that do not lie within one another. IPv4 ranges of an IPv6 file lie in ::/96. */
  readonly entries: Readonly<Record<string, MmdbValue>>;
  readonly built?: string;
  /** Over what is true of the file. */
  readonly metadata?: Readonly<Record<string, MmdbValue>>;
}

interface Node {
  readonly children: [Node | number | undefined, Node | number | undefined];
  number: number;
}

const SEPARATOR = 16;
const MARKER = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');

export function mmdb({
  type,
  ipVersion = 6,
  entries,
  built = '2026-11-01',
  metadata = {},
}: MmdbContents): Buffer {
  const root: Node = { children: [undefined, undefined], number: 0 };
  const records: Buffer[] = [];
  let length = 0;
  for (const [range, value] of Object.entries(entries)) {
    insert(root, bitsOf(range, ipVersion), length);
    const bytes = encode(value);
    records.push(bytes);
    length += bytes.length;
  }
  const nodes: Node[] = [];
  const collect = (node: Node): void => {
    node.number = nodes.push(node) - 1;
    for (const child of node.children) if (typeof child === 'object') collect(child);
  };
  collect(root);
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [i, { children }] of nodes.entries()) {
    for (const [side, child] of children.entries()) {
      const record =
        child === undefined
          ? nodes.length
          : typeof child === 'number'
            ? nodes.length + SEPARATOR + child
            : child.number;
      tree.writeUIntBE(record, i * 6 + side * 3, 3);
    }
  }
  const about = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Date.parse(built) / 1000,
    database_type: type,
    description: { en: 'made for a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
    ...metadata,
  };
  return Buffer.concat([tree, Buffer.alloc(SEPARATOR), ...records, MARKER, encode(about)]);
}

function bitsOf(range: string, ipVersion: 4 | 6): number[] {
  const prefix = parsePrefix(range);
  if (!prefix) throw new Error(`${range} is no range`);
  const bits = Array.from(
    { length: prefix.bits },
    (_, bit) => ((prefix.bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1,
  );
  const within = ipVersion === 6 && prefix.bytes.length === 4 ? Array<number>(96).fill(0) : [];
  return [...within, ...bits];
}

function insert(root: Node, bits: readonly number[], record: number): void {
  let node = root;
  for (const [i, bit] of bits.entries()) {
    const side = bit === 0 ? 0 : 1;
    if (i === bits.length - 1) {
      node.children[side] = record;
      return;
    }
    const next = node.children[side] ?? { children: [undefined, undefined], number: 0 };
    if (typeof next === 'number') throw new Error('one range lies within another');
    node.children[side] = next;
    node = next;
  }
}

/** A value with its control bytes. */
export function encode(value: MmdbValue): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    return Buffer.concat([control(2, bytes.length), bytes]);
  }
  if (typeof value === 'boolean') return control(14, value ? 1 : 0);
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return Buffer.concat([control(6, 4), bytes]);
    }
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), bytes]);
  }
  if (Array.isArray(value)) {
    const items = value as readonly MmdbValue[];
    return Buffer.concat([control(11, items.length), ...items.map(encode)]);
  }
  const pairs = Object.entries(value as Readonly<Record<string, MmdbValue>>);
  return Buffer.concat([
    control(7, pairs.length),
    ...pairs.flatMap(([key, item]) => [encode(key), encode(item)]),
  ]);
}

/** The type in three bits, or in a byte of its own, and the size in five bits or more. */
export function control(type: number, size: number): Buffer {
  const extended = type > 7;
  const short = size < 29 ? size : size < 285 ? 29 : size < 65_821 ? 30 : 31;
  const first = ((extended ? 0 : type) << 5) | short;
  const rest = Buffer.alloc(short - 28 > 0 ? short - 28 : 0);
  const base = [29, 285, 65_821][rest.length - 1] ?? 0;
  if (rest.length > 0) rest.writeUIntBE(size - base, 0, rest.length);
  return Buffer.concat([Buffer.from(extended ? [first, type - 7] : [first]), rest]);
}

/** A pointer to an offset within the records, of the longest kind. */
export function pointerTo(offset: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = (1 << 5) | (3 << 3);
  bytes.writeUInt32BE(offset, 1);
  return bytes;
}
