/** The cases of a store, in a database of their own beside the catalogue (case-layout.ts). */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../model/api-error.ts';
import {
  NO_STEP,
  type CaseInfo,
  type CaseItem,
  type CaseItemKind,
  type CaseStep,
  type StepParameters,
} from '../model/case.ts';
import { CASES_FILE, CASES_PAGE_SIZE, casesMigrations } from './case-layout.ts';
import { appendStep, lastStep, readSteps, sha256Of } from './case-log.ts';
import { createDatabase, openDatabase, type Database, type SqlRow } from './database.ts';
import { explained } from './store-error.ts';

/** What a person says of a new case. */
export type NewCase = Pick<CaseInfo, 'name' | 'reference' | 'examiner'>;

export interface NewItem {
  readonly kind: CaseItemKind;
  readonly title: string;
  readonly note: string;
  readonly content: unknown;
  /** A file that is the content itself: a screenshot's PNG. */
  readonly octets?: Uint8Array;
}

export class CaseBook implements Disposable {
  readonly #folder: string;
  readonly #database: Database;

  private constructor(folder: string, database: Database) {
    this.#folder = folder;
    this.#database = database;
  }

  /** The cases of the store in `folder`; without `create` undefined where there is none. Throws as a store does. */
  static open(folder: string, create: boolean): CaseBook | undefined {
    const path = join(folder, CASES_FILE);
    if (!create && !existsSync(path)) return undefined;
    return explained(folder, () => {
      createDatabase(path, casesMigrations, CASES_PAGE_SIZE, `${process.pid}.new`);
      return new CaseBook(folder, openDatabase(path, casesMigrations));
    });
  }

  /** In the order in which they were opened. */
  list(): CaseInfo[] {
    return this.#told((database) =>
      database.all('SELECT id FROM cases ORDER BY opened, id').map((row) => this.info(String(row['id']))),
    );
  }

  /** By id, or by name. Throws ApiError `usage` where there is no such case. */
  info(idOrName: string): CaseInfo {
    return this.#told((database) => {
      const row = database.get(
        `SELECT c.*,
           (SELECT count(*) FROM items i WHERE i.caseId = c.id AND i.id NOT IN (SELECT item FROM withdrawals)) AS items
         FROM cases c WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 1`,
        idOrName,
        idOrName,
        idOrName,
      );
      if (!row) {
        const sentence = `There is no case ${JSON.stringify(idOrName)} in ${this.#folder}: "backtrail case list" names them.`;
        throw new ApiError('usage', sentence);
      }
      const id = String(row['id']);
      const last = lastStep(database, id);
      return {
        id,
        name: String(row['name']),
        reference: String(row['reference']),
        examiner: String(row['examiner']),
        openedMs: Number(row['opened']),
        closedMs: row['closed'] === null ? null : Number(row['closed']),
        items: Number(row['items']),
        steps: last?.sequence ?? 0,
        head: last?.hash ?? NO_STEP,
      };
    });
  }

  /** Throws ApiError `usage` where a case has that name. */
  create(
    { name, reference, examiner }: NewCase,
    parameters: Readonly<Record<string, StepParameters>>,
  ): CaseInfo {
    return this.#told((database) =>
      database.transaction(() => {
        if (database.get('SELECT 1 FROM cases WHERE name = ?', name)) {
          const sentence = `There is a case ${JSON.stringify(name)} already: choose another name.`;
          throw new ApiError('usage', sentence);
        }
        const id = randomUUID();
        database.run(
          'INSERT INTO cases (id, name, reference, examiner, opened) VALUES (?, ?, ?, ?, ?)',
          id,
          name,
          reference,
          examiner,
          Date.now(),
        );
        this.append(id, 'case-opened', { case: id, name, reference, examiner, ...parameters });
        return this.info(id);
      }),
    );
  }

  /** The id of the open case. */
  get opened(): string | undefined {
    const row = this.#told((database) => database.get('SELECT caseId FROM open'));
    return row && String(row['caseId']);
  }

  /** Throws ApiError `usage` for a closed case. */
  setOpened(id: string | undefined): void {
    this.#told((database) => {
      if (id !== undefined) this.refuseClosed(id);
      if (id === undefined) database.run('DELETE FROM open');
      else database.run('INSERT OR REPLACE INTO open (one, caseId) VALUES (1, ?)', id);
    });
  }

  /** Closes a case, or takes it up again: a step of its log. A closed case is told of no steps. */
  setClosed(id: string, closed: boolean, reason: string): void {
    this.#told((database) =>
      database.transaction(() => {
        if ((this.info(id).closedMs !== null) === closed) {
          throw new ApiError('usage', closed ? 'The case is closed already.' : 'The case is not closed.');
        }
        database.run('UPDATE cases SET closed = ? WHERE id = ?', closed ? Date.now() : null, id);
        if (closed) database.run('DELETE FROM open WHERE caseId = ?', id);
        this.append(id, closed ? 'case-closed' : 'case-reopened', { reason });
      }),
    );
  }

  /** Throws ApiError `usage` for a closed case. */
  refuseClosed(id: string): void {
    const { name, closedMs } = this.info(id);
    if (closedMs === null) return;
    throw new ApiError(
      'usage',
      `The case "${name}" is closed: take it up again first ("backtrail case reopen").`,
    );
  }

  /** Puts a step at the end of a case's log, on disk before it returns. */
  append(id: string, action: string, parameters: StepParameters): CaseStep {
    return this.#told((database) => appendStep(database, id, action, parameters));
  }

  /** Adds an item and the step `KIND-kept` that holds its hash. Throws ApiError `usage` where the case is closed. */
  add(
    id: string,
    { kind, title, note, content, octets }: NewItem,
    told: Readonly<Record<string, StepParameters>>,
  ): CaseItem {
    return this.#told((database) =>
      database.transaction(() => {
        this.refuseClosed(id);
        const text = JSON.stringify(content);
        const sha256 = sha256Of(octets ?? text);
        const { id: item } = database.run(
          'INSERT INTO items (caseId, kind, title, note, added, sha256, content, octets) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          id,
          kind,
          title,
          note,
          Date.now(),
          sha256,
          text,
          octets ?? null,
        );
        this.append(id, `${kind}-kept`, { ...told, item, title, note, sha256 });
        return this.item(id, item);
      }),
    );
  }

  /** Throws ApiError `usage` where the case has no such item. */
  item(id: string, item: number): CaseItem {
    const found = this.items(id).find((candidate) => candidate.id === item);
    if (!found)
      throw new ApiError('usage', `The case has no item ${item}: "backtrail case show" lists them.`);
    return found;
  }

  /** In the order in which they were added, also those that were withdrawn. */
  items(id: string): CaseItem[] {
    return this.#told((database) =>
      database
        .all(
          `SELECT i.id, i.kind, i.title, i.note, i.added, i.sha256, i.content, w.reason
           FROM items i LEFT JOIN withdrawals w ON w.item = i.id WHERE i.caseId = ? ORDER BY i.id`,
          id,
        )
        .map(readItem),
    );
  }

  /** The file of an item, and the case that it belongs to. */
  octetsOf(item: number): { readonly case: string; readonly octets: Uint8Array } | undefined {
    const row = this.#told((database) => database.get('SELECT caseId, octets FROM items WHERE id = ?', item));
    const octets = row?.['octets'];
    return octets instanceof Uint8Array ? { case: String(row?.['caseId']), octets } : undefined;
  }

  /** Throws ApiError `usage` where the case has no such item, has it no more, or is closed. */
  withdraw(id: string, item: number, reason: string): void {
    this.#told((database) =>
      database.transaction(() => {
        this.refuseClosed(id);
        if (this.item(id, item).withdrawn !== null)
          throw new ApiError('usage', `Item ${item} was withdrawn before.`);
        database.run('INSERT INTO withdrawals (item, reason) VALUES (?, ?)', item, reason);
        this.append(id, 'item-withdrawn', { item, reason });
      }),
    );
  }

  /** Of these hashes, those whose sources the log does not name yet; they count as named from now on. */
  noteSources(id: string, hashes: readonly string[]): ReadonlySet<string> {
    return this.#told((database) =>
      database.transaction(
        () =>
          new Set(
            hashes.filter(
              (sha256) =>
                database.run('INSERT OR IGNORE INTO noted (caseId, sha256) VALUES (?, ?)', id, sha256)
                  .changes > 0,
            ),
          ),
      ),
    );
  }

  /** Steps from the given one (1 is the first), in their order. */
  steps(id: string, from = 1, limit = -1): CaseStep[] {
    return this.#told((database) => readSteps(database, id, from, limit));
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #told<T>(work: (database: Database) => T): T {
    return explained(this.#folder, () => work(this.#database));
  }
}

const readItem = (row: SqlRow): CaseItem => ({
  id: Number(row['id']),
  kind: String(row['kind']) as CaseItemKind,
  title: String(row['title']),
  note: String(row['note']),
  addedMs: Number(row['added']),
  sha256: String(row['sha256']),
  withdrawn: row['reason'] === null ? null : String(row['reason']),
  content: JSON.parse(String(row['content'])) as unknown,
});
