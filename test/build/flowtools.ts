/** flow-tools files, as flow-capture writes them. */
import { deflateSync } from 'node:zlib';
import { ascii, concat, uint, type Octets } from './octets.ts';

export type Endian = 'big' | 'little';

/** A number in the byte order of the file. */
export const number = (endian: Endian, length: number, value: number): Octets =>
  endian === 'big' ? uint(length, value) : uint(length, value).reverse();

export interface FlowToolsOptions {
  endian?: Endian;
  version?: number;
  aggregation?: number;
  deflate?: boolean;
  /** Flows by the header. */
  flows?: number;
  stream?: number;
}

export function flowTools(options: FlowToolsOptions, ...records: readonly Octets[]): Octets {
  const endian = options.endian ?? 'little';
  const n = (length: number, value: number): Octets => number(endian, length, value);
  const tlv = (type: number, value: Octets): Octets => concat(n(2, type), n(2, value.length), value);
  const fields = concat(
    tlv(2, n(2, options.version ?? 5)),
    ...(options.aggregation === undefined ? [] : [tlv(3, n(1, 2)), tlv(4, n(1, options.aggregation))]),
    tlv(8, n(4, options.deflate ? 2 : 0)),
    ...(options.flows === undefined ? [] : [tlv(10, n(4, options.flows))]),
    tlv(15, ascii('collector\0')),
  );
  const body = concat(...records);
  return concat(
    Uint8Array.of(0xcf, 0x10, endian === 'little' ? 1 : 2, options.stream ?? 3),
    n(4, 8 + fields.length),
    fields,
    options.deflate ? new Uint8Array(deflateSync(body)) : body,
  );
}

/** Numbers of given sizes one after the other: `[bytes, value]`. */
export const numbers = (endian: Endian, ...values: readonly (readonly [number, number])[]): Octets =>
  concat(...values.map(([length, value]) => number(endian, length, value)));

/** A record of NetFlow v5: 10.0.0.1:51000 to 192.0.2.9:22, exported by 198.51.100.1 at 1,700,000,000.25 s. */
export function flow5(endian: Endian, octets = 900): Octets {
  return numbers(
    endian,
    [4, 1_700_000_000],
    [4, 250_000_000],
    [4, 60_000],
    [4, 0xc6_33_64_01],
    [4, 0x0a_00_00_01],
    [4, 0xc0_00_02_09],
    [4, 0x0a_00_00_fe],
    [2, 7],
    [2, 8],
    [4, 12],
    [4, octets],
    [4, 50_000],
    [4, 55_000],
    [2, 51_000],
    [2, 22],
    [1, 6],
    [1, 16],
    [1, 0x1b],
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 24],
    [1, 32],
    [2, 64_512],
    [2, 65_000],
  );
}
