/**
 * The layout of a store's book of cases, `cases.sqlite`:
 *
 * | table       | a row is                                                                       |
 * |-------------|--------------------------------------------------------------------------------|
 * | cases       | one case                                                                       |
 * | steps       | one step of a case's log; triggers refuse to change or remove it               |
 * | items       | something that was kept, with its content as JSON or octets; never changed     |
 * | withdrawals | an item that was taken out of its case, and why                                |
 * | noted       | a source whose hash is in the log of a case                                    |
 * | open        | the case whose log is told of every step, if any                               |
 */
import type { Migrations } from './migrations.ts';

export const CASES_FILE = 'cases.sqlite';
export const CASES_PAGE_SIZE = 4096;

export const casesMigrations: Migrations = {
  what: 'The book of cases',
  minSafeVersion: 1,
  steps: new Map([
    [
      1,
      (database) =>
        database.exec(`
          CREATE TABLE cases (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, opened REAL NOT NULL) WITHOUT ROWID;
          CREATE TABLE steps (
            caseId TEXT NOT NULL REFERENCES cases (id),
            sequence INTEGER NOT NULL,
            time REAL NOT NULL,
            action TEXT NOT NULL,
            parameters TEXT NOT NULL,
            previous TEXT NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (caseId, sequence)
          ) WITHOUT ROWID;
          CREATE TRIGGER steps_stay BEFORE UPDATE ON steps BEGIN SELECT RAISE(ABORT, 'a step stays as it is'); END;
          CREATE TRIGGER steps_remain BEFORE DELETE ON steps BEGIN SELECT RAISE(ABORT, 'a step remains'); END;
          CREATE TABLE items (
            id INTEGER PRIMARY KEY,
            caseId TEXT NOT NULL REFERENCES cases (id),
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            note TEXT NOT NULL,
            added REAL NOT NULL,
            sha256 TEXT NOT NULL,
            content TEXT NOT NULL,
            octets BLOB
          );
          CREATE INDEX items_of_case ON items (caseId);
          CREATE TABLE withdrawals (item INTEGER PRIMARY KEY REFERENCES items (id), reason TEXT NOT NULL);
          CREATE TABLE noted (caseId TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (caseId, sha256)) WITHOUT ROWID;
          CREATE TABLE open (one INTEGER PRIMARY KEY CHECK (one = 1), caseId TEXT NOT NULL)`),
    ],
    [
      2,
      (database) =>
        database.exec(`
          ALTER TABLE cases ADD COLUMN reference TEXT NOT NULL DEFAULT '';
          ALTER TABLE cases ADD COLUMN examiner TEXT NOT NULL DEFAULT ''`),
    ],
    [3, (database) => database.exec('ALTER TABLE cases ADD COLUMN closed REAL')],
  ]),
};
