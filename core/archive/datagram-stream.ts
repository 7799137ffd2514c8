import type { DatagramDecoder } from '../decode/datagram-decoder.ts';
import { formatAddress } from '../model/address.ts';
import type { DecodeIssue, DecodeIssueCode, FlowChunk } from '../model/chunk.ts';
import { MAX_BATCH_ROWS } from '../model/flow-batch.ts';
import { epochMs, type EpochMs } from '../model/time.ts';
import type { ArchiveKind, ArchiveSummary } from './archive.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { looksLikeFlowExport } from './flow-export.ts';
import { FragmentTable, type WholeDatagram } from './fragments.ts';
import { findUdp, findUdpInWhole, type FoundUdp, type SkipReason } from './packet.ts';

/** Issues of the file itself that wait for the next chunk, at most. */
const MAX_OWN_ISSUES = 8_192;

/** From packets to the decoder: picks export datagrams out, counts the rest by reason, adds the file's own issues. */
export class DatagramStream {
  readonly #decoder: DatagramDecoder;
  readonly #rows: number;
  readonly #owned: boolean;
  readonly #skipped = new Map<string, number>();
  readonly #fragments = new FragmentTable((loss, packets) => this.skip(loss, packets));
  #issues: DecodeIssue[] = [];
  #brokeAt: number | null = null;

  /** `owned`: the decoder's stream ends with this file. */
  constructor(decoder: DatagramDecoder, rows: number, owned = true) {
    this.#decoder = decoder;
    this.#rows = rows;
    this.#owned = owned;
  }

  get full(): boolean {
    return this.#decoder.pendingRows >= this.#rows || this.#issues.length >= MAX_OWN_ISSUES;
  }

  report(code: DecodeIssueCode, offset: number, message: string): void {
    this.#issues.push({ code, offset, message });
  }

  /** Notes the place after which nothing could be read. */
  breakAt(code: DecodeIssueCode, offset: number, message: string): void {
    this.#brokeAt = offset;
    this.report(code, offset, message);
  }

  skip(reason: SkipReason, count = 1): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + count);
  }

  /** One captured packet, from `at` to `end` in the window; `offset` is where it begins in the file. */
  packet(
    link: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    received: number | null,
    offset: number,
  ): void {
    const found = findUdp(link, bytes, at, end);
    if (found.found) this.#datagram(bytes, found, received, offset + found.payload - at);
    else if (found.part) {
      const whole = this.#fragments.add(found.part, bytes, received ?? 0, offset + found.part.from - at);
      if (whole) this.#whole(whole, received);
    } else this.skip(found.reason);
  }

  /** A datagram that was put together. */
  #whole(whole: WholeDatagram, received: number | null): void {
    const found = findUdpInWhole(whole);
    if (found.found) this.#datagram(whole.bytes, found, received, whole.offset + found.payload);
    else this.skip(found.reason);
  }

  #datagram(bytes: Uint8Array, udp: FoundUdp, received: number | null, where: number): void {
    const payload = bytes.subarray(udp.payload, udp.payload + udp.length);
    if (!looksLikeFlowExport(payload)) {
      this.skip('not flow export');
      return;
    }
    const address = formatAddress(udp.source);
    this.push(payload, address, udp.sourcePort, received === null ? null : epochMs(received), where);
  }

  push(
    payload: Uint8Array,
    address: string,
    port: number | null,
    received: EpochMs | null,
    offset: number,
  ): void {
    this.#decoder.push(payload, { address, port, received, sourceOffset: offset });
  }

  take(bytesRead: number): FlowChunk {
    const chunk = this.#decoder.take(bytesRead);
    const own = this.#issues;
    this.#issues = [];
    return own.length === 0 ? chunk : { ...chunk, issues: [...chunk.issues, ...own] };
  }

  *finish(cursor: ByteCursor, kind: ArchiveKind): Generator<FlowChunk, ArchiveSummary> {
    while (this.#decoder.pendingRows >= MAX_BATCH_ROWS) yield this.take(cursor.offset);
    this.#fragments.finish();
    if (this.#owned) this.#decoder.finish();
    const last = this.take(cursor.offset);
    if (!isEmpty(last)) yield last;
    return { kind, bytesRead: cursor.offset, brokeAt: this.#brokeAt, skipped: this.#skipped };
  }
}

const isEmpty = ({ batch, options, issues }: FlowChunk): boolean =>
  batch.datagrams.length === 0 && batch.count === 0 && options.length === 0 && issues.length === 0;
