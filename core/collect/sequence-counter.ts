/**
 * What an exporter's sequence numbers say about the way: lost, reordered and repeated datagrams, restarts.
 *
 * | version | the number in the header is                     | so the next one is        |
 * |---------|-------------------------------------------------|---------------------------|
 * | 5, 7, 8 | flows sent before this datagram                 | this + its flows          |
 * | 9       | datagrams sent before this one (RFC 3954 5.1)   | this + 1                  |
 * | sFlow 5 | datagrams sent before this one                  | this + 1                  |
 * | 10      | data records sent before this one (RFC 7011 3.1)| this + its records        |
 *
 * softflowd's IPFIX counts the records of the datagram itself too, and options records not at all. Which of the four
 * ways to count an exporter uses is learned from the steps that only one of them explains without a gap.
 */

import { SFLOW_5 } from '../model/flow-batch.ts';

/** Numbers of datagrams that a late or repeated one is looked for among: what a network reorders is near. */
const WINDOW = 64;
/** A jump by more units than this is a counter that began anew, not a loss. */
const RESTART_UNITS = 1_000_000;
/** An uptime that falls by more than this is a restart; by less, datagrams out of order. */
const RESTART_MS = 60_000;
/** Near its end the 32-bit clock wraps (every 49.7 days), which is no restart. */
const WRAP_ZONE_MS = 600_000;
const MODULUS = 2 ** 32;

export interface SequencedDatagram {
  readonly version: number;
  readonly sequenceNumber: number;
  readonly sysUpTime: number | null;
  readonly exportTime: number;
  /** Data records, options among them. */
  readonly records: number;
  readonly options: number;
  /** False where a part of it waits for its template: how many records it has is not known. */
  readonly counted: boolean;
}

interface Seen {
  readonly sequence: number;
  readonly exportTime: number;
  readonly upTime: number;
}

export class SequenceCounter {
  /** Units that never came: flows (v5, v7, v8), datagrams (v9), data records (IPFIX). */
  lost = 0;
  /** Datagrams that came after a later one. */
  reordered = 0;
  duplicates = 0;
  restarts = 0;
  readonly #seen: Seen[] = [];
  #oldest = 0;
  #last: SequencedDatagram | undefined;
  /** How often each way to count explained a step exactly: before or with this datagram, with options or without. */
  readonly #fits = [0, 0, 0, 0];

  add(datagram: SequencedDatagram): void {
    if (!hasSequence(datagram.version)) return;
    const last = this.#last;
    if (last && this.#isRestart(last, datagram)) {
      this.restarts++;
      this.#seen.length = 0;
      this.#oldest = 0;
    } else if (this.#isDuplicate(datagram)) {
      this.duplicates++;
      return;
    } else if (last) {
      const step = signedStep(last.sequenceNumber, datagram.sequenceNumber);
      if (step < 0) {
        this.reordered++;
        // What was taken for lost when the later one came is here now.
        this.lost = Math.max(0, this.lost - unitsOf(datagram));
        this.#remember(datagram);
        return;
      }
      this.lost += this.#missing(last, datagram, step);
    }
    this.#remember(datagram);
    this.#last = datagram;
  }

  #missing(last: SequencedDatagram, datagram: SequencedDatagram, step: number): number {
    if (countsDatagrams(datagram.version)) return Math.max(0, step - 1);
    if (!last.counted || !datagram.counted) return 0;
    const ways = [
      last.records,
      datagram.records,
      last.records - last.options,
      datagram.records - datagram.options,
    ];
    const exact = ways.map((units) => units === step);
    if (exact.includes(true)) {
      for (const [way, fits] of exact.entries()) if (fits) this.#fits[way] = (this.#fits[way] ?? 0) + 1;
      return 0;
    }
    // The way that was right most often; NetFlow v5 and the RFC's come first where nothing is known yet.
    const best = this.#fits.indexOf(Math.max(...this.#fits));
    return Math.max(0, step - (ways[best] ?? 0));
  }

  #isRestart(last: SequencedDatagram, datagram: SequencedDatagram): boolean {
    const fell = (last.sysUpTime ?? 0) - (datagram.sysUpTime ?? 0);
    if (fell > RESTART_MS) return (last.sysUpTime ?? 0) < MODULUS - WRAP_ZONE_MS;
    return Math.abs(signedStep(last.sequenceNumber, datagram.sequenceNumber)) > RESTART_UNITS;
  }

  #isDuplicate({ sequenceNumber, exportTime, sysUpTime, records }: SequencedDatagram): boolean {
    // Datagrams without records (templates) repeat their number in IPFIX.
    if (records === 0) return false;
    return this.#seen.some(
      (seen) =>
        seen.sequence === sequenceNumber &&
        seen.exportTime === exportTime &&
        seen.upTime === (sysUpTime ?? 0),
    );
  }

  #remember({ sequenceNumber, exportTime, sysUpTime }: SequencedDatagram): void {
    const seen = { sequence: sequenceNumber, exportTime, upTime: sysUpTime ?? 0 };
    if (this.#seen.length < WINDOW) this.#seen.push(seen);
    else this.#seen[this.#oldest++ % WINDOW] = seen;
  }
}

function hasSequence(version: number): boolean {
  return countsDatagrams(version) || version === 5 || version === 7 || version === 8 || version === 10;
}

function countsDatagrams(version: number): boolean {
  return version === 9 || version === SFLOW_5;
}

function unitsOf({ version, records }: SequencedDatagram): number {
  return countsDatagrams(version) ? 1 : records;
}

/** From one 32-bit number to another the short way round. */
function signedStep(from: number, to: number): number {
  const step = (to - from + MODULUS) % MODULUS;
  return step >= MODULUS / 2 ? step - MODULUS : step;
}
