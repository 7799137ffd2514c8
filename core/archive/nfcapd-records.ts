/** One record of an nfcapd block: flow, extension map, exporter, or something to pass over. */
import type { ChunkBuilder } from './chunk-builder.ts';
import { u16, u32 } from './little-endian.ts';
import { NfcapdRow } from './nfcapd-row.ts';
import { commonRecordBytes, extensionMapOf, readExtensionMap, writeCommonRecord } from './nfcapd-v1.ts';
import { V3_HEADER_BYTES, writeV3Record } from './nfcapd-v2.ts';

const RECORD = {
  common0: 1,
  extensionMap: 2,
  exporterInfo: 7,
  exporterStat: 8,
  common: 10,
  v3: 11,
  ident: 0x8001,
  stat: 0x8002,
} as const;

/** Address (16), family (2), sysid (2), domain (4) after the record header (4) and the export version (4). */
const EXPORTER_BYTES = 32;
const AF_INET = 2;

/** Records that describe the file, not the traffic, and that we need not keep. */
const descriptive: ReadonlySet<number> = new Set([RECORD.exporterStat, RECORD.ident, RECORD.stat]);

const otherRecords: Readonly<Record<number, string>> = {
  3: 'port histogram',
  4: 'packet size histogram',
  9: 'sampler',
  12: 'application names',
  13: 'interface names',
  14: 'VRF names',
  15: 'sampler',
};

export class NfcapdRecords {
  readonly skipped = new Map<string, number>();
  readonly #chunk: ChunkBuilder;
  readonly #row: NfcapdRow;
  readonly #maps = new Map<number, readonly number[]>();

  constructor(chunk: ChunkBuilder) {
    this.#chunk = chunk;
    this.#row = new NfcapdRow(chunk);
  }

  /** Reads the record of `size` bytes at `at`, all of them there. */
  read(bytes: Uint8Array, at: number, size: number, offset: number): void {
    const type = u16(bytes, at);
    switch (type) {
      case RECORD.v3:
        this.#readV3(bytes, at, size, offset);
        return;
      case RECORD.common0:
      case RECORD.common:
        this.#readCommon(bytes, at, size, offset, type);
        return;
      case RECORD.extensionMap:
        if (size >= 8) this.#maps.set(u16(bytes, at + 4), readExtensionMap(bytes, at, size));
        else this.#bad(offset, 'an extension map', `has ${size} bytes`);
        return;
      case RECORD.exporterInfo:
        if (size >= EXPORTER_BYTES) this.#readExporter(bytes, at);
        else this.#bad(offset, 'an exporter record', `has ${size} bytes`);
        return;
      default:
        if (!descriptive.has(type)) this.#count(`${otherRecords[type] ?? `type ${type}`} record`);
    }
  }

  #readV3(bytes: Uint8Array, at: number, size: number, offset: number): void {
    if (size < V3_HEADER_BYTES) {
      this.#bad(offset, 'a flow record', `has ${size} bytes`);
      return;
    }
    const fault = writeV3Record(this.#row, bytes, at, size, offset);
    if (fault !== undefined) this.#bad(offset, 'a flow record', `was read in part: ${fault}`);
  }

  #readCommon(bytes: Uint8Array, at: number, size: number, offset: number, type: number): void {
    if (size < commonRecordBytes(type)) {
      this.#bad(offset, 'a flow record', `has ${size} bytes`);
      return;
    }
    const id = extensionMapOf(bytes, at);
    const map = this.#maps.get(id);
    const fault = writeCommonRecord(this.#row, bytes, at, size, offset, map ?? []);
    if (!map) this.#bad(offset, 'a flow record', `was read in part: extension map ${id} is missing`);
    else if (fault !== undefined) this.#bad(offset, 'a flow record', `was read in part: ${fault}`);
  }

  #readExporter(bytes: Uint8Array, at: number): void {
    const family = u16(bytes, at + 24);
    this.#row.setExporter(u16(bytes, at + 26), {
      // An IPv4 address lies in the upper half of the second 64-bit word: at 8 of 16.
      address:
        family === AF_INET
          ? this.#row.addressText(bytes, at + 16, 4)
          : this.#row.addressText(bytes, at + 8, 16),
      observationDomainId: u32(bytes, at + 28),
    });
  }

  #bad(offset: number, what: string, how: string): void {
    this.#chunk.report('bad-record', offset, `${what} at byte ${offset} ${how}`);
  }

  #count(what: string): void {
    this.skipped.set(what, (this.skipped.get(what) ?? 0) + 1);
  }
}
