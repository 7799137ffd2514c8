/**
 * SQL over the stored flows: `flows(from, to, filter)`, with the names of information elements, and `nf(from, to, filter)` with
 * nfdump's. A query runs in a process of its own: it can be ended in the middle of SQLite's work, and its memory is not ours.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import type { SqlCell } from '../../store/sql-session.ts';
import { compileFilter } from '../query/filter.ts';
import type { SqlBounds } from './rows.ts';

export interface SqlQuestion extends SqlBounds {
  readonly folder: string;
  readonly sql: string;
}

export type ToSqlChild = { readonly kind: 'run'; readonly question: SqlQuestion } | { readonly kind: 'more' };

export type FromSqlChild =
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly SqlCell[])[] }
  | { readonly kind: 'end'; readonly damages: readonly string[] }
  | {
      readonly kind: 'fault';
      readonly code: ApiErrorCode | undefined;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** Numbers, text (also whole numbers beyond 2^53), octets, null. */
export type SqlRow = readonly SqlCell[];

export interface SqlReader {
  /** Comes once, before any row. */
  columns(names: readonly string[]): void;
  /** May make the query wait. */
  rows(rows: readonly SqlRow[]): void | Promise<void>;
}

export interface SqlSummary {
  /** What the store could not give, a sentence each. */
  readonly damages: readonly string[];
}

/** JavaScript memory of the process, beside what SQLite holds. */
const CHILD_HEAP_MIB = 512;

/**
 * Runs a query and hands its rows to the reader as they come. Rejects with ApiError (`usage`: what SQLite says against the
 * query; `bad-filter`, `no-store` ...) and with the signal's reason.
 */
export async function runSql(
  question: SqlQuestion,
  reader: SqlReader,
  signal?: AbortSignal,
): Promise<SqlSummary> {
  // Refused here, with the place in the text.
  compileFilter(question.filter);
  signal?.throwIfAborted();
  const child = fork(fileURLToPath(new URL('./sql-child.ts', import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${CHILD_HEAP_MIB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const end = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await talk(child, question, reader);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

function talk(child: ChildProcess, question: SqlQuestion, reader: SqlReader): Promise<SqlSummary> {
  const send = (message: ToSqlChild): boolean => child.connected && child.send(message);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, killedBy) => {
      const how = killedBy === null ? `code ${code}` : killedBy;
      const text = `The query ended before its last row (${how}), for want of memory perhaps: ask for less.`;
      reject(new ApiError('usage', text));
    });
    const take = async (message: FromSqlChild): Promise<void> => {
      switch (message.kind) {
        case 'columns':
          reader.columns(message.columns);
          return;
        case 'rows':
          await reader.rows(message.rows);
          send({ kind: 'more' });
          return;
        case 'end':
          resolve({ damages: message.damages });
          return;
        case 'fault':
          reject(faultOf(message));
      }
    };
    child.on('message', (message) => {
      take(message as FromSqlChild).catch(reject);
    });
    send({ kind: 'run', question });
  });
}

function faultOf({ code, message, stack }: Extract<FromSqlChild, { kind: 'fault' }>): Error {
  if (code) return new ApiError(code, message);
  const bug = new Error(message);
  if (stack !== undefined) bug.stack = stack;
  return bug;
}
