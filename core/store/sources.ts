/** Imported files as the catalogue knows them. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { DecodeIssue, DecodeIssueCode, FlowChunk } from '../model/chunk.ts';
import type { ElementValue } from '../model/flow-batch.ts';
import { epochMs, type EpochMs } from '../model/time.ts';
import type { Database, SqlRow } from './database.ts';

/** Issues kept with their sentence, per source, and beyond them the first of each code; all are counted. */
const ISSUE_EXAMPLES = 20;
const ISSUE_MESSAGE_LENGTH = 300;

export interface StoredSource {
  readonly id: number;
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** What the archive reader recognised; null until the import is complete. */
  readonly kind: string | null;
  /** `importing` where the import was interrupted or still runs. */
  readonly state: 'importing' | 'complete';
  /** Version of the decoder that read it. */
  readonly decoder: string;
  readonly imported: EpochMs;
  /** Chunks that are wholly stored. */
  readonly chunks: number;
  readonly bytesRead: number;
  /** Flows stored at present. */
  readonly rows: number;
  /** Flows that went with the days that retention dropped. */
  readonly dropped: number;
  /** Options records stored. */
  readonly options: number;
  readonly issues: Readonly<Partial<Record<DecodeIssueCode, number>>>;
  readonly issueExamples: readonly DecodeIssue[];
  /** What the reader left out on purpose, counted by its name. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Offset where a file that breaks off does so; null where it is whole. */
  readonly brokeAt: number | null;
}

/** What the caller knows of a file before it reads it. */
export interface NewSource {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /**
   * Version of the decoder, and behind a `+` what else says how the bytes are read (a mapping). An interrupted import by
   * another version starts anew; so does a complete one that was read in another way.
   */
  readonly decoder: string;
}

/** The part of a decoder's name that says how the bytes are read. */
export function readingOf(decoder: string): string {
  return decoder.split('+')[1] ?? '';
}

/** What an archive reader says at the end. */
export interface ImportSummary {
  readonly kind: string;
  readonly bytesRead: number;
  readonly brokeAt: number | null;
  readonly skipped: ReadonlyMap<string, number>;
}

/** One options record as it is kept: whose it was, when it was exported, what it said. */
export interface StoredOptionsRecord {
  /** Catalogue id, or null where the archive does not say. */
  readonly exporter: number | null;
  readonly exportTime: number | null;
  readonly templateId: number;
  readonly fields: readonly (readonly [name: string, value: ElementValue])[];
}

export function listSources(catalog: Database): StoredSource[] {
  return catalog.all('SELECT * FROM sources ORDER BY id').map(readSource);
}

export function findSource(catalog: Database, sha256: string): StoredSource | undefined {
  const row = catalog.get('SELECT * FROM sources WHERE sha256 = ?', sha256);
  return row && readSource(row);
}

export function insertSource(catalog: Database, source: NewSource, now: number): void {
  catalog.run(
    `INSERT INTO sources (sha256, name, bytes, state, decoder, imported) VALUES (?, ?, ?, 'importing', ?, ?)`,
    source.sha256,
    source.name,
    source.bytes,
    source.decoder,
    now,
  );
}

/** Marks a complete source as one to be read anew; what it has goes away with `resetSource`. */
export function reopenSource(catalog: Database, id: number): void {
  catalog.run(`UPDATE sources SET state = 'importing' WHERE id = ?`, id);
}

/** Forgets how far an import came; what it stored must be gone already. */
export function resetSource(catalog: Database, id: number, decoder: string): void {
  catalog.run('DELETE FROM options WHERE source = ?', id);
  catalog.run('DELETE FROM source_exporters WHERE source = ?', id);
  catalog.run(
    `UPDATE sources SET decoder = ?, chunks = 0, bytesRead = 0, rows = 0, dropped = 0, options = 0,
       issues = '{"counts":{},"examples":[]}' WHERE id = ?`,
    decoder,
    id,
  );
}

/**
 * Notes that chunk `ordinal` is wholly stored, `addedRows` of it now and the rest before, with what of it belongs into the
 * catalogue.
 */
export function advanceSource(
  catalog: Database,
  id: number,
  ordinal: number,
  chunk: FlowChunk,
  addedRows: number,
  exporterIds: readonly number[],
): void {
  const { changes } = catalog.run(
    'UPDATE sources SET chunks = ?, bytesRead = ?, rows = rows + ?, options = options + ? WHERE id = ? AND chunks = ?',
    ordinal + 1,
    chunk.bytesRead,
    addedRows,
    chunk.options.length,
    id,
    ordinal,
  );
  if (changes === 0) throw new Error(`chunk ${ordinal} of source ${id} is not the next one`);
  if (chunk.issues.length > 0) {
    const row = catalog.get('SELECT issues FROM sources WHERE id = ?', id);
    const issues = JSON.stringify(withIssues(String(row?.['issues']), chunk.issues));
    catalog.run('UPDATE sources SET issues = ? WHERE id = ?', issues, id);
  }
  if (chunk.options.length > 0) {
    const { datagrams } = chunk.batch;
    const records = chunk.options.map((record): StoredOptionsRecord => {
      const header = datagrams[record.datagram];
      return {
        exporter: header ? (exporterIds[header.exporter] ?? null) : null,
        exportTime: header?.exportTime ?? null,
        templateId: record.templateId,
        fields: record.fields,
      };
    });
    const data = zstdCompressSync(Buffer.from(JSON.stringify(records)));
    catalog.run(
      'INSERT INTO options (source, ordinal, records, data) VALUES (?, ?, ?, ?)',
      id,
      ordinal,
      records.length,
      data,
    );
  }
}

/** Notes how many flows of a source are stored. */
export function setRows(catalog: Database, id: number, rows: number): void {
  catalog.run('UPDATE sources SET rows = ? WHERE id = ?', rows, id);
}

/**
 * Makes a source that has lost flows one whose import was interrupted: importing the same bytes again brings back what
 * is missing, and nothing twice.
 */
export function reopenLost(catalog: Database, id: number): void {
  catalog.run('DELETE FROM options WHERE source = ?', id);
  catalog.run(
    `UPDATE sources SET state = 'importing', chunks = 0, bytesRead = 0, dropped = 0, options = 0,
       issues = '{"counts":{},"examples":[]}' WHERE id = ?`,
    id,
  );
}

export function completeSource(catalog: Database, id: number, summary: ImportSummary): void {
  catalog.run(
    `UPDATE sources SET state = 'complete', kind = ?, bytesRead = ?, brokeAt = ?, skipped = ? WHERE id = ?`,

    summary.kind,
    summary.bytesRead,
    summary.brokeAt,
    JSON.stringify(Object.fromEntries(summary.skipped)),
    id,
  );
}

/** The options records of a source, in the order of its bytes. */
export function* readOptions(catalog: Database, source: number): Generator<StoredOptionsRecord> {
  const ordinals = catalog.all('SELECT ordinal FROM options WHERE source = ? ORDER BY ordinal', source);
  for (const { ordinal = 0 } of ordinals) {
    const row = catalog.get('SELECT data FROM options WHERE source = ? AND ordinal = ?', source, ordinal);
    const text = zstdDecompressSync(row?.['data'] as Uint8Array).toString('utf8');
    yield* JSON.parse(text) as StoredOptionsRecord[];
  }
}

interface IssueSummary {
  readonly counts: Partial<Record<DecodeIssueCode, number>>;
  readonly examples: DecodeIssue[];
}

function withIssues(text: string, added: readonly DecodeIssue[]): IssueSummary {
  const summary = JSON.parse(text) as IssueSummary;
  for (const issue of added) {
    const count = (summary.counts[issue.code] ?? 0) + 1;
    summary.counts[issue.code] = count;
    if (summary.examples.length >= ISSUE_EXAMPLES && count > 1) continue;
    summary.examples.push({ ...issue, message: issue.message.slice(0, ISSUE_MESSAGE_LENGTH) });
  }
  return summary;
}

function readSource(row: SqlRow): StoredSource {
  const issues = JSON.parse(String(row['issues'])) as IssueSummary;
  return {
    id: Number(row['id']),
    name: String(row['name']),
    sha256: String(row['sha256']),
    bytes: Number(row['bytes']),
    kind: row['kind'] as string | null,
    state: row['state'] as StoredSource['state'],
    decoder: String(row['decoder']),
    imported: epochMs(Number(row['imported'])),
    chunks: Number(row['chunks']),
    bytesRead: Number(row['bytesRead']),
    rows: Number(row['rows']),
    dropped: Number(row['dropped']),
    options: Number(row['options']),
    issues: issues.counts,
    issueExamples: issues.examples,
    skipped: JSON.parse(String(row['skipped'])) as Record<string, number>,
    brokeAt: row['brokeAt'] as number | null,
  };
}
