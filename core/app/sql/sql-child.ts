/** The process that runs one query, asked by its parent's messages: it can be ended at any moment. */
import { ApiError } from '../../model/api-error.ts';
import { runReadOnlySql, type SqlCell } from '../../store/sql-session.ts';
import { Store } from '../../store/store.ts';
import { computedTables } from './rows.ts';
import type { FromSqlChild, SqlQuestion, ToSqlChild } from './sql.ts';

/** Rows of a message; the parent asks for the next when it has written them. */
const ROWS_AT_A_TIME = 512;

const tell = (message: FromSqlChild): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

let goOn: () => void = () => undefined;

process.on('message', (message: ToSqlChild) => {
  if (message.kind === 'more') goOn();
  else void run(message.question);
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of the terminal: what it means is the parent's to say.
process.on('SIGINT', () => undefined);

async function run(question: SqlQuestion): Promise<void> {
  try {
    using store = Store.open(question.folder, { create: false });
    const damages = new Set<string>();
    const tables = computedTables(store, question.sql, question, (sentence) => damages.add(sentence));
    const { columns, rows } = runReadOnlySql(question.sql, tables);
    await tell({ kind: 'columns', columns });
    let ready: (readonly SqlCell[])[] = [];
    const send = async (): Promise<void> => {
      const asked = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await tell({ kind: 'rows', rows: ready });
      ready = [];
      await asked;
    };
    for (const row of rows) {
      ready.push(row);
      if (ready.length >= ROWS_AT_A_TIME) await send();
    }
    if (ready.length > 0) await send();
    await tell({ kind: 'end', damages: [...damages] });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    await tell({ kind: 'fault', code: error instanceof ApiError ? error.code : undefined, message, stack });
  }
  process.disconnect();
}
