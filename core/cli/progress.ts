/** One line on a terminal: how far, how fast, how long yet. */

export interface Progress {
  /** `done` of the total bytes have gone through. Cheap to call often. */
  update(done: number): void;
  /** Clears the line. */
  end(): void;
}

export interface ProgressTarget {
  writeErr(text: string): void;
  readonly isTerminal: boolean;
  columns(): number;
  now(): number;
}

/** Milliseconds between two drawings: often enough to look alive, too seldom to cost anything. */
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

export class ProgressBar implements Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #target: ProgressTarget;
  readonly #started: number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #visible = false;

  constructor(label: string, total: number, target: ProgressTarget) {
    this.#label = label;
    this.#total = total;
    this.#target = target;
    this.#started = target.now();
  }

  update(done: number): void {
    if (!this.#target.isTerminal) return;
    const now = this.#target.now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#visible = true;
    const line = progressLine(this.#label, done, this.#total, now - this.#started);
    // One column short of the edge: some terminals wrap as soon as the last column is written.
    this.#target.writeErr(`${CLEAR_LINE}${line.slice(0, (this.#target.columns() || 80) - 1)}`);
  }

  /** Takes the line off the screen, for other text; the next update draws it again. */
  clear(): void {
    if (this.#visible) this.#target.writeErr(CLEAR_LINE);
    this.#visible = false;
  }

  end(): void {
    this.clear();
  }
}

/** `label  42 %  1.2 of 2.9 MiB  35 MiB/s  0:03 left`; without a total, only what has gone through and how fast. */
export function progressLine(label: string, done: number, total: number, elapsedMs: number): string {
  const perMs = elapsedMs > 0 ? done / elapsedMs : 0;
  const rate = perMs > 0 ? `  ${formatBytes(perMs * 1000)}/s` : '';
  if (total <= 0) return `${label}  ${formatBytes(done)}${rate}`;
  const percent = Math.floor((100 * Math.min(done, total)) / total);
  const left = perMs > 0 ? `  ${formatClock((total - Math.min(done, total)) / perMs)} left` : '';
  return `${label}  ${String(percent).padStart(3)} %  ${formatBytes(done)} of ${formatBytes(total)}${rate}${left}`;
}

/** A byte count for people: binary units, three digits or fewer. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function formatClock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}
