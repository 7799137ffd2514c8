/** Reports of each month into a folder that the person chose, on the store that was open then; remembered in a file. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { scheduleReports, type ReportScheduler } from '../core/app/report/schedule.ts';

interface Chosen {
  readonly store: string;
  readonly folder: string;
}

export class MonthlyReports {
  readonly #path: string;
  readonly #say: (sentence: string, trouble: boolean) => void;
  #chosen: Chosen | undefined;
  #scheduler: ReportScheduler | undefined;

  /** Goes on with what the file says. */
  constructor(path: string, say: (sentence: string, trouble: boolean) => void) {
    this.#path = path;
    this.#say = say;
    this.#begin(readChosen(path));
  }

  /** Where they go; undefined where none are made. */
  get folder(): string | undefined {
    return this.#chosen?.folder;
  }

  /** From now on on this store, into this folder; undefined: no more. Throws where that cannot be remembered. */
  async choose(chosen: Chosen | undefined): Promise<void> {
    await this.stop();
    if (chosen) writeFileSync(this.#path, JSON.stringify(chosen));
    else rmSync(this.#path, { force: true });
    this.#begin(chosen);
  }

  /** A report that is being made is given up, and made at the next start. */
  async stop(): Promise<void> {
    await this.#scheduler?.stop();
    this.#scheduler = undefined;
  }

  #begin(chosen: Chosen | undefined): void {
    this.#chosen = chosen;
    if (!chosen) return;
    this.#scheduler = scheduleReports(() => chosen.store, chosen.folder, {
      onMade: (month, out) => this.#say(`The report on ${month} was written to ${out}.`, false),
      onFailed: (month, error) => {
        const why = error instanceof Error ? error.message : String(error);
        this.#say(`The report on ${month} could not be made, and is tried again in an hour: ${why}`, true);
      },
    });
  }
}

function readChosen(path: string): Chosen | undefined {
  try {
    const { store, folder } = Object(JSON.parse(readFileSync(path, 'utf8'))) as Partial<Chosen>;
    const sound = [store, folder].every((value) => typeof value === 'string' && isAbsolute(value));
    return sound ? { store: store ?? '', folder: folder ?? '' } : undefined;
  } catch {
    return undefined;
  }
}
