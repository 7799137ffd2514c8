/** Keeping things in a case: each comes with what the chain of custody needs to know of it. */
import { statSync } from 'node:fs';
import { ApiError } from '../../model/api-error.ts';
import type {
  CaseInfo,
  CaseItem,
  CaseItemKind,
  KeptFlows,
  KeptHost,
  SourceCustody,
  StepParameters,
  TraceBrief,
} from '../../model/case.ts';
import type { TraceResult } from '../../model/trace-result.ts';
import { sha256Of } from '../../store/case-log.ts';
import { CaseBook, type NewCase } from '../../store/cases.ts';
import { Store } from '../../store/store.ts';
import { compileFilter } from '../query/filter.ts';
import { packageVersion } from '../resources.ts';
import type { TraceRequest } from '../trace/store.ts';
import { partyText } from '../../trace/question.ts';

/** Sources that one step of the log names. */
const SOURCES_A_STEP = 200;

export interface KeptTrace {
  readonly question: TraceRequest;
  readonly result: TraceResult;
}

const program = (): string => `backtrail ${packageVersion()}`;

/** Opens the cases of the store in `folder` for one piece of work. Throws ApiError as a store does. */
export function withCases<T>(folder: string, work: (book: CaseBook) => T): T {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const sentence = `There is no store in ${folder}: make one with "backtrail import FILE... --store ${folder}".`;
    throw new ApiError('no-store', sentence);
  }
  using book = CaseBook.open(folder, true);
  if (!book) throw new Error('a case book that was to be made is not there');
  return work(book);
}

/** The case of that id or name; without one the open case. Throws ApiError `usage`. */
export function findCase(book: CaseBook, idOrName: string | undefined): CaseInfo {
  const wanted = idOrName ?? book.opened;
  if (wanted === undefined) throw new ApiError('usage', 'No case is open: name one, or make one first.');
  return book.info(wanted);
}

/** An item of a case. Throws ApiError `usage` where the case has none of that number and kind. */
export function findItem(folder: string, id: string, item: number, kind: CaseItemKind): CaseItem {
  return withCases(folder, (book) => {
    const found = book.item(id, item);
    if (found.kind !== kind) throw new ApiError('usage', `Item ${item} of the case is no ${kind}.`);
    return found;
  });
}

/** What a list of items tells: of a trace its question and its path, since its whole answer may be large. */
export function briefItem(item: CaseItem): CaseItem {
  if (item.kind !== 'trace') return item;
  const { question, result } = item.content as KeptTrace;
  const { hops = [] } = result.paths[0] ?? {};
  const last = hops.at(-1);
  const path = [
    ...hops.map(({ from, fromSite = null }) => ({ address: from, site: fromSite })),
    ...(last ? [{ address: last.to, site: last.toSite ?? null }] : []),
  ];
  const content: TraceBrief = { question, path, refusal: result.refusal };
  return { ...item, content };
}

/** Makes a case and opens it. */
export function createCase(folder: string, made: NewCase): CaseInfo {
  return withCases(folder, (book) => {
    const { id } = book.create(made, { program: program() });
    book.setOpened(id);
    noteSources(book, folder, id);
    return book.info(id);
  });
}

export const keepTrace = (
  book: CaseBook,
  folder: string,
  id: string,
  kept: KeptTrace,
  note: string,
): CaseItem => {
  const { victim, from } = kept.question;
  const title = `Trace of the login to ${partyText(victim)}${from ? ` from ${partyText(from)}` : ''}`;
  return keep(
    book,
    folder,
    id,
    { kind: 'trace', title, note, content: kept },
    { ...asJson({ question: kept.question }) },
  );
};

/** Throws ApiError `bad-filter`, and `usage` for an empty range. */
export function keepFlows(
  book: CaseBook,
  folder: string,
  id: string,
  flows: KeptFlows,
  note: string,
): CaseItem {
  const { filter, fromMs, toMs } = flows;
  compileFilter(filter);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) {
    throw new ApiError('usage', 'The range is empty: it must end after it begins.');
  }
  const title = filter.trim() === '' ? 'All flows of a time' : `Flows: ${filter.trim().slice(0, 200)}`;
  return keep(book, folder, id, { kind: 'flows', title, note, content: flows }, { ...flows });
}

export const keepHost = (
  book: CaseBook,
  folder: string,
  id: string,
  host: KeptHost,
  note: string,
): CaseItem =>
  keep(
    book,
    folder,
    id,
    {
      kind: 'host',
      title: `${host.address}${host.site === null ? '' : ` at ${host.site}`}`,
      note,
      content: host,
    },
    { ...host },
  );

export const addNote = (book: CaseBook, folder: string, id: string, text: string): CaseItem =>
  keep(
    book,
    folder,
    id,
    { kind: 'note', title: text.split('\n', 1)[0]?.slice(0, 120) ?? '', note: text, content: { text } },
    {},
  );

const PNG = Buffer.from('\u0089PNG\r\n\u001A\n', 'latin1');

/** Throws ApiError `usage` where the octets are no PNG file. */
export function addScreenshot(
  book: CaseBook,
  folder: string,
  id: string,
  { title, png, note }: { readonly title: string; readonly png: Uint8Array; readonly note: string },
): CaseItem {
  const view = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const sound =
    view.subarray(0, 8).equals(PNG) && view.length > 24 && view.toString('latin1', 12, 16) === 'IHDR';
  if (!sound) throw new ApiError('usage', 'A screenshot is a PNG file, and this is none.');
  const content = { width: view.readUInt32BE(16), height: view.readUInt32BE(20), bytes: view.length };
  return keep(book, folder, id, { kind: 'screenshot', title, note, content, octets: png }, content);
}

/** A source by its number or the SHA-256 of its bytes. Throws ApiError `usage` where there is no such source. */
export function keepSource(
  book: CaseBook,
  folder: string,
  id: string,
  source: number | string,
  note: string,
): CaseItem {
  using store = Store.open(folder, { create: false });
  const found = store.sources().find(({ id: number, sha256 }) => number === source || sha256 === source);
  if (!found) throw new ApiError('usage', `The store has no source ${source}.`);
  const content = describeSource(found);
  return keep(
    book,
    folder,
    id,
    { kind: 'source', title: found.name, note, content },
    asJson({ source: content }),
  );
}

function keep(
  book: CaseBook,
  folder: string,
  id: string,
  item: Parameters<CaseBook['add']>[1],
  told: Readonly<Record<string, StepParameters>>,
): CaseItem {
  book.refuseClosed(id);
  const sources = noteSources(book, folder, id);
  return book.add(id, item, { ...told, program: program(), sources });
}

/** Puts one step more into the log of the open case, if there is one. */
export function recordStep(folder: string, action: string, parameters: unknown): void {
  using book = CaseBook.open(folder, false);
  const id = book?.opened;
  if (!book || id === undefined) return;
  noteSources(book, folder, id);
  book.append(id, action, asJson(parameters));
}

function describeSource(source: ReturnType<Store['sources']>[number]): SourceCustody {
  const { name, sha256, bytes, kind, decoder, imported, rows, state } = source;
  return {
    name,
    sha256,
    bytes,
    kind,
    decoder,
    importedMs: imported,
    flows: rows,
    complete: state === 'complete',
  };
}

/**
 * Names in the log the sources that were imported since it was last told. Returns how many there are in all, and one hash
 * over those of all of them.
 */
function noteSources(book: CaseBook, folder: string, id: string): { count: number; sha256: string } {
  const sources = sourcesOf(folder).filter(({ complete }) => complete);
  const unnamed = book.noteSources(
    id,
    sources.map(({ sha256 }) => sha256),
  );
  const told = sources.filter(({ sha256 }) => unnamed.has(sha256));
  for (let at = 0; at < told.length; at += SOURCES_A_STEP) {
    book.append(id, 'sources-present', asJson({ sources: told.slice(at, at + SOURCES_A_STEP) }));
  }
  return { count: sources.length, sha256: sha256Of(sources.map(({ sha256 }) => `${sha256}\n`).join('')) };
}

/** Every source of the store; none where there is no store yet. */
export function sourcesOf(folder: string): SourceCustody[] {
  try {
    using store = Store.open(folder, { create: false });
    return store.sources().map(describeSource);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'no-store') return [];
    throw error;
  }
}

/** A value as its JSON says it: without undefined members. */
const asJson = (value: unknown): Record<string, StepParameters> =>
  JSON.parse(JSON.stringify(value)) as Record<string, StepParameters>;
