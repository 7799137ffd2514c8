/**
 * Frames: a JSON header, and behind it the typed arrays of its value as they lie in memory.
 *
 * | offset     | bytes | what                                                                                    |
 * |------------|-------|-----------------------------------------------------------------------------------------|
 * | 0          | 4     | `B` `T`, the version of this layout (1), 0                                              |
 * | 4          | 4     | bytes of the header, little-endian; with spaces at its end it is a multiple of 8         |
 * | 8          | h     | the header, JSON in UTF-8                                                               |
 * | 8 + h      |       | the columns one after another, each filled up with zeros to a multiple of 8 bytes       |
 *
 * The header's `columns` say of each column its type, its length and the path of its place in `value`, where `null` stands
 * in the JSON. Numbers are little-endian, as on every machine that this runs on. A received column is a view of the
 * message; only a message whose own buffer does not begin at a multiple of 8 is copied first.
 */
import { z } from 'zod';
import { decodeText, encodeText } from './platform.ts';

export type Frame =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly value: unknown }
  | {
      readonly kind: 'feed';
      readonly id: number;
      readonly name: string;
      readonly value: unknown;
      readonly credit: number;
    }
  | { readonly kind: 'credit'; readonly id: number; readonly credit: number }
  | { readonly kind: 'cancel' | 'end'; readonly id: number }
  | { readonly kind: 'reply' | 'progress' | 'item'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string };

/** The bytes are no frame. */
export class BadFrame extends Error {}

const columnTypes = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

type ColumnType = keyof typeof columnTypes;
type Column = InstanceType<(typeof columnTypes)[ColumnType]>;

const START = 8;
const MAX_COLUMNS = 65_536;
const MAX_DEPTH = 64;

const wireId = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const credit = z.number().int().min(1).max(1024);
const value = z.unknown();
const columns = z
  .array(
    z.tuple([
      z.enum(Object.keys(columnTypes) as [ColumnType, ...ColumnType[]]),
      z.number().int().min(0),
      z.array(z.union([z.string(), z.number().int().min(0)])).max(MAX_DEPTH),
    ]),
  )
  .max(MAX_COLUMNS)
  .optional();
const name = z.string().max(100);

const header = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: wireId, name, value, columns }),
  z.object({ kind: z.literal('feed'), id: wireId, name, value, credit, columns }),
  z.object({ kind: z.literal('credit'), id: wireId, credit }),
  z.object({ kind: z.enum(['cancel', 'end']), id: wireId }),
  z.object({ kind: z.enum(['reply', 'progress', 'item']), id: wireId, value, columns }),
  z.object({ kind: z.literal('error'), id: wireId, code: z.string(), message: z.string() }),
]);

type Path = readonly (string | number)[];

interface Found {
  readonly type: ColumnType;
  readonly column: Column;
  readonly path: Path;
}

/** The bytes of a frame, in a buffer of their own. Typed arrays anywhere in its value go as columns. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const found: Found[] = [];
  const plain = 'value' in frame ? { ...frame, value: lift(frame.value, [], found) } : frame;
  const described = found.map(({ type, column, path }) => [type, column.length, path]);
  const json = encodeText(JSON.stringify(found.length > 0 ? { ...plain, columns: described } : plain));
  const headerBytes = align(json.length);
  let total = START + headerBytes;
  for (const { column } of found) total += align(column.byteLength);
  const bytes = new Uint8Array(total);
  bytes.set([0x42, 0x54, 1, 0]);
  new DataView(bytes.buffer).setUint32(4, headerBytes, true);
  bytes.fill(0x20, START, START + headerBytes);
  bytes.set(json, START);
  let at = START + headerBytes;
  for (const { column } of found) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += align(column.byteLength);
  }
  return bytes;
}

/** Reads a frame. Throws BadFrame. What it allocates is bounded by the bytes that are there. */
export function decodeFrame(given: Uint8Array): Frame {
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  if (bytes.length < START || bytes[0] !== 0x42 || bytes[1] !== 0x54 || bytes[2] !== 1 || bytes[3] !== 0) {
    throw new BadFrame('no frame of this version');
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (headerBytes % 8 !== 0 || headerBytes > bytes.length - START) throw new BadFrame('header too long');
  const parsed = header.safeParse(parseJson(bytes.subarray(START, START + headerBytes)));
  if (!parsed.success) throw new BadFrame(`header: ${z.prettifyError(parsed.error)}`);
  const frame = parsed.data;
  let at = START + headerBytes;
  if ('columns' in frame && frame.columns) {
    const holder = { value: frame.value };
    for (const [type, length, path] of frame.columns) {
      const make = columnTypes[type];
      const size = length * make.BYTES_PER_ELEMENT;
      if (size > bytes.length - at) throw new BadFrame('a column is longer than the frame');
      place(holder, path, new make(bytes.buffer as ArrayBuffer, bytes.byteOffset + at, length));
      at += align(size);
    }
    delete frame.columns;
    frame.value = holder.value;
  }
  if (at !== bytes.length) throw new BadFrame('bytes behind the last column');
  return frame;
}

/** The value with `null` for each typed array, which goes into `found`. Shares what holds none. */
function lift(given: unknown, path: (string | number)[], found: Found[]): unknown {
  if (typeof given !== 'object' || given === null) return given;
  if (ArrayBuffer.isView(given)) {
    found.push({ type: typeOf(given), column: given as Column, path: [...path] });
    return null;
  }
  if (path.length >= MAX_DEPTH) throw new Error('a value is nested too deeply for the wire');
  let copy: Record<string | number, unknown> | undefined;
  const members = given as Record<string | number, unknown>;
  const keys = Array.isArray(given) ? given.keys() : Object.keys(given);
  for (const key of keys) {
    const member = members[key];
    if (typeof member !== 'object' || member === null) continue;
    path.push(key);
    const lifted = lift(member, path, found);
    path.pop();
    if (lifted === member) continue;
    copy ??= (Array.isArray(given) ? [...(given as unknown[])] : { ...given }) as Record<
      string | number,
      unknown
    >;
    copy[key] = lifted;
  }
  return copy ?? given;
}

function typeOf(array: ArrayBufferView): ColumnType {
  for (const [type, make] of Object.entries(columnTypes)) {
    if (array instanceof make) return type as ColumnType;
  }
  throw new Error('an array of this type does not go over the wire');
}

/** Puts a column where `null` holds its place. */
function place(holder: { value: unknown }, path: Path, column: Column): void {
  let target: object = holder;
  let key: string | number = 'value';
  for (const step of path) {
    const next = (target as Record<string | number, unknown>)[key];
    if (typeof next !== 'object' || next === null) throw new BadFrame('a column without a place');
    target = next;
    key = step;
  }
  if (!Object.hasOwn(target, key) || (target as Record<string | number, unknown>)[key] !== null) {
    throw new BadFrame('a column without a place');
  }
  (target as Record<string | number, unknown>)[key] = column;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes));
  } catch (error) {
    throw new BadFrame('header is no JSON', { cause: error });
  }
}

const align = (size: number): number => Math.ceil(size / 8) * 8;
