/**
 * The report of each month, made when the month is over: on the first of the next one, and at the start where that of the
 * month before is not there yet. Where the folder has an earlier one, those of the months between are made too: the
 * machine may have been off for longer. A report that is there is never written again.
 */
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { lastMonth, monthsBetween } from './month.ts';
import { makeReport } from './thread.ts';

export interface ReportSchedule {
  /** Where the reports go: `backtrail-2026-11.pdf`, and its tables into the folder `backtrail-2026-11`. */
  readonly folder: string;
  readonly now: () => number;
  /** Makes the report of a month and writes it to `out`; the signal ends it. */
  readonly make: (month: string, out: string, signal: AbortSignal) => Promise<void>;
  readonly onMade: (month: string, out: string) => void;
  readonly onFailed: (month: string, error: unknown) => void;
}

/** How often the calendar is looked at: a timer of a month would not survive a suspended machine. */
const LOOK_MS = 60_000;
/** How long the collector's last flows of a month may take to be stored. */
const SETTLE_MS = 10 * 60_000;
/** Months that are caught up on at most. */
const MOST_MISSED = 24;
/** A report that failed is tried again after this. */
const RETRY_MS = 3600_000;

export class ReportScheduler {
  readonly #schedule: ReportSchedule;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  readonly #ending = new AbortController();

  constructor(schedule: ReportSchedule) {
    this.#schedule = schedule;
  }

  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
    this.#timer.unref();
  }

  /** Makes what is due; resolves when that is done. Never rejects. */
  async look(): Promise<void> {
    this.#busy ??= this.#makeDue().finally(() => (this.#busy = undefined));
    await this.#busy;
  }

  /** Looks no more; the report that is being made is given up, and made at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#ending.abort();
    await this.#busy;
  }

  async #makeDue(): Promise<void> {
    const { folder, now, make, onMade, onFailed } = this.#schedule;
    const { signal } = this.#ending;
    for (const month of dueMonths(folder, lastMonth(now() - SETTLE_MS))) {
      const time = now();
      if (time < this.#notBefore || signal.aborted) return;
      const out = join(folder, reportFileName(month));
      try {
        await make(month, out, signal);
        onMade(month, out);
      } catch (error) {
        if (signal.aborted) return;
        this.#notBefore = time + RETRY_MS;
        onFailed(month, error);
        return;
      }
    }
  }
}

/** The months up to `last` whose reports are missing behind the latest that is there; without any, `last` alone. */
function dueMonths(folder: string, last: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const made = names.flatMap((name) => /^backtrail-(\d{4}-(?:0[1-9]|1[0-2]))\.pdf$/.exec(name)?.[1] ?? []);
  const latest = made
    .filter((month) => month <= last)
    .toSorted()
    .at(-1);
  return latest === undefined ? [last] : monthsBetween(latest, last).slice(-MOST_MISSED);
}

export const reportFileName = (month: string): string => `backtrail-${month}.pdf`;

/** Reports on a store that this program serves, on A4, each made in a thread. Where there is no store yet, it waits. */
export function scheduleReports(
  store: () => string,
  folder: string,
  told: Pick<ReportSchedule, 'onMade' | 'onFailed'>,
): ReportScheduler {
  const make: ReportSchedule['make'] = async (month, out, signal) => {
    const order = { what: 'month', request: { month, nowMs: Date.now() } } as const;
    // Written first: where the PDF is, its tables are.
    const tables = out.slice(0, -extname(out).length);
    await makeReport({ folder: store(), order, paper: 'a4', out, tables }, { signal });
  };
  const scheduler = new ReportScheduler({ folder, now: () => Date.now(), make, ...told });
  scheduler.start();
  return scheduler;
}
