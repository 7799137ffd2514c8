/**
 * How an exporter's clock stands to ours, from export times and the times of arrival.
 *
 * A datagram can only arrive late, and header times are cut to whole seconds (v9, IPFIX): both make `export - received`
 * smaller than the clock's offset. The greatest value of a window is therefore nearest to it; drift is the slope of the
 * windows' greatest values.
 */
const WINDOW_MS = 10_000;
/** Windows before a drift is told: a minute. */
const WINDOWS_FOR_DRIFT = 6;

export class ClockWatch {
  #windowStart = Number.NaN;
  #greatest = Number.NEGATIVE_INFINITY;
  #offset = Number.NaN;
  #first = Number.NaN;
  #origin = Number.NaN;
  #windows = 0;
  #sumX = 0;
  #sumY = 0;
  #sumXX = 0;
  #sumXY = 0;

  /** Both in ms since 1970. */
  add(exportTime: number, received: number): void {
    if (Number.isNaN(this.#windowStart)) this.#windowStart = received;
    if (received - this.#windowStart >= WINDOW_MS) this.#close(received);
    this.#greatest = Math.max(this.#greatest, exportTime - received);
  }

  /** Milliseconds that the exporter's clock is ahead of ours; null before the first datagram. */
  get offsetMs(): number | null {
    const offset = Number.isNaN(this.#offset) ? this.#greatest : this.#offset;
    return Number.isFinite(offset) ? offset : null;
  }

  /** Parts per million that it runs faster than ours; null before a minute has passed. */
  get driftPpm(): number | null {
    const n = this.#windows;
    const spread = n * this.#sumXX - this.#sumX ** 2;
    if (n < WINDOWS_FOR_DRIFT || spread === 0) return null;
    return ((n * this.#sumXY - this.#sumX * this.#sumY) / spread) * 1e6;
  }

  #close(now: number): void {
    if (Number.isFinite(this.#greatest)) {
      if (Number.isNaN(this.#first)) this.#first = this.#greatest;
      this.#offset = this.#greatest;
      this.#windows++;
      if (Number.isNaN(this.#origin)) this.#origin = this.#windowStart;
      const x = this.#windowStart - this.#origin;
      const y = this.#greatest - this.#first;
      this.#sumX += x;
      this.#sumY += y;
      this.#sumXX += x * x;
      this.#sumXY += x * y;
    }
    this.#windowStart = now;
    this.#greatest = Number.NEGATIVE_INFINITY;
  }
}
