/** Where a command's words go: results to stdout, all else to stderr, and the code it ends with. */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { ProgressBar, type Progress } from './progress.ts';

export interface CliIo {
  /** Writes results. Small pieces are gathered; `flush` sends what is left. Throws ClosedPipe when nobody reads on. */
  out(text: string): void;
  /** Writes a line (or several) for the person at the terminal; a missing newline is added. */
  err(text: string): void;
  flush(): void;
  /** Whether stderr is a terminal. */
  readonly isTerminal: boolean;
  /** A bar on stderr while `total` bytes go through; on anything but a terminal it shows nothing. */
  progress(label: string, total: number): Progress;
  /** Notes that something went wrong (130: interrupted); the command goes on. The highest code is the exit code. */
  fail(code: 1 | 2 | 130): void;
  readonly exitCode: number;
}

/** The reader of stdout is gone (`backtrail ... | head`): the command ends at once, and that is no failure. */
export class ClosedPipe extends Error {}

export interface IoTargets {
  writeOut(text: string): void;
  writeErr(text: string): void;
  readonly isTerminal: boolean;
  columns(): number;
  now(): number;
}

/** Writes of this many characters keep the cost of a system call small beside that of making the text. */
const OUT_BUFFER = 65_536;

export function createIo(targets: IoTargets): CliIo {
  let pending: string[] = [];
  let pendingLength = 0;
  let exitCode = 0;
  let bar: ProgressBar | undefined;
  const flush = (): void => {
    if (pendingLength === 0) return;
    const text = pending.join('');
    pending = [];
    pendingLength = 0;
    bar?.clear();
    targets.writeOut(text);
  };
  return {
    out(text) {
      pending.push(text);
      pendingLength += text.length;
      if (pendingLength >= OUT_BUFFER) flush();
    },
    err(text) {
      bar?.clear();
      targets.writeErr(text.endsWith('\n') ? text : `${text}\n`);
    },
    flush,
    isTerminal: targets.isTerminal,
    progress(label, total) {
      bar?.end();
      bar = new ProgressBar(label, total, targets);
      return bar;
    },
    fail(code) {
      exitCode = Math.max(exitCode, code);
    },
    get exitCode() {
      return exitCode;
    },
  };
}

/** The process's own stdout and stderr. Writes are synchronous, so that a command cannot outrun its reader. */
export function processIo(): CliIo {
  return createIo({
    writeOut: (text) => writeAll(1, text),
    writeErr(text) {
      try {
        writeAll(2, text);
      } catch (error) {
        if (!(error instanceof ClosedPipe)) throw error;
      }
    },
    isTerminal: isatty(2),
    columns: () => process.stderr.columns,
    now: () => performance.now(),
  });
}

const napFlag = new Int32Array(new SharedArrayBuffer(4));

/** Writes the whole text, waiting where the other end of a non-blocking pipe is full. */
function writeAll(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') throw new ClosedPipe();
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(napFlag, 0, 0, 1);
    }
  }
}
