/** Cases, and the log that follows what a person does while one is open. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../model/api-error.ts';
import { parseAddress } from '../../model/address.ts';
import { firstBrokenStep } from '../../store/case-log.ts';
import { CaseBook } from '../../store/cases.ts';
import type { caseMethods } from '../../wire/contract-case.ts';
import type { Handlers } from '../../wire/server.ts';
import {
  addNote,
  addScreenshot,
  briefItem,
  createCase,
  findCase,
  findItem,
  keepFlows,
  keepHost,
  keepSource,
  keepTrace,
  withCases,
} from '../case/desk.ts';
import { inCaseThread } from '../case/thread.ts';
import { nodeSignal } from './signal.ts';
import { requestOf } from './trace.ts';
import { TraceThreads } from '../jobs/trace-threads.ts';
import { isAlive } from '../workspace/uploads.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Bundles that wait to be fetched, below the store. */
const BUNDLES = 'bundles';

export function caseHandlers(workspace: Workspace): Handlers<typeof caseMethods> {
  const threads = new TraceThreads(() => workspace.folder);
  workspace.onLeave(() => threads.close());
  const inCase = <T>(id: string | undefined, work: (book: CaseBook, id: string, folder: string) => T): T =>
    withCases(workspace.folder, (book) => work(book, findCase(book, id).id, workspace.folder));
  return {
    'case.list': () => {
      using book = CaseBook.open(workspace.folder, false);
      return { cases: book?.list() ?? [], open: book?.opened ?? null };
    },
    'case.create': (made) => ({ case: createCase(makeFolder(workspace.folder), made) }),
    'case.open': ({ case: id }) => {
      withCases(workspace.folder, (book) => book.setOpened(id === null ? undefined : book.info(id).id));
      return {};
    },
    'case.setClosed': ({ case: given, closed, reason }) => {
      inCase(given, (book, id) => book.setClosed(id, closed, reason));
      return {};
    },
    'case.show': ({ case: given }) =>
      inCase(given, (book, id) => ({ case: book.info(id), items: book.items(id).map(briefItem) })),
    'case.log': ({ case: given, offset, limit }) =>
      inCase(given, (book, id) => ({
        steps: book.steps(id, offset + 1, limit),
        total: book.info(id).steps,
        whole: firstBrokenStep(book.steps(id)) === undefined,
      })),
    'case.keepTrace': async ({ case: given, question, note }, context) => {
      // Refused before the work.
      const id = inCase(given, (_, found) => found);
      const request = requestOf(question);
      const asked = { signal: nodeSignal(context), onProgress: context.progress };
      const result = await threads.once('run', { ...request, explain: 'path' }, asked);
      const item = inCase(id, (book, found, folder) =>
        keepTrace(book, folder, found, { question: request, result }, note),
      );
      return { item: briefItem(item) };
    },
    'case.keepFlows': ({ case: given, filter = '', from, to, kind = 'flow', note }) =>
      inCase(given, (book, id, folder) => ({
        item: keepFlows(book, folder, id, { filter, fromMs: from ?? null, toMs: to ?? null, kind }, note),
      })),
    'case.keepHost': ({ case: given, address, site = null, note }) => {
      if (!parseAddress(address)) throw new ApiError('usage', `${JSON.stringify(address)} is no address.`);
      return inCase(given, (book, id, folder) => ({
        item: keepHost(book, folder, id, { address, site }, note),
      }));
    },
    'case.addNote': ({ case: given, text }) =>
      inCase(given, (book, id, folder) => ({ item: addNote(book, folder, id, text) })),
    'case.addScreenshot': ({ case: given, ...picture }) =>
      inCase(given, (book, id, folder) => ({ item: addScreenshot(book, folder, id, picture) })),
    'case.screenshot': ({ item }) =>
      withCases(workspace.folder, (book) => {
        const found = book.octetsOf(item);
        if (!found) throw new ApiError('usage', `There is no screenshot ${item}.`);
        return { png: Uint8Array.from(found.octets) };
      }),
    'case.keepSource': ({ case: given, source, note }) =>
      inCase(given, (book, id, folder) => ({ item: keepSource(book, folder, id, source, note) })),
    'case.withdraw': ({ case: given, item, reason }) => {
      inCase(given, (book, id) => book.withdraw(id, item, reason));
      return {};
    },
    'case.export': async ({ case: given }, context) => {
      const { folder } = workspace;
      const { id, name } = inCase(given, (book, found) => book.info(found));
      const bundles = join(folder, BUNDLES);
      mkdirSync(bundles, { recursive: true, mode: 0o700 });
      removeLeft(bundles);
      const path = join(bundles, `${process.pid}-${Date.now()}.backtrail-case`);
      const fileName = `${caseFileName(name)}.backtrail-case`;
      const made = await inCaseThread(
        'export',
        { folder, id, path, fileName },
        { signal: nodeSignal(context), onPhase: (phase) => context.progress({ phase }) },
      );
      const remove = (): void => rmSync(path, { force: true });
      const link = workspace.downloads.offerFile(path, fileName, 'application/zip', remove);
      return { ...link, ...made, notes: [...made.notes] };
    },
    'case.print': async ({ case: given, item, paper }, context) => {
      const { folder } = workspace;
      const { id, name } = inCase(given, (book, found) => book.info(found));
      findItem(folder, id, item, 'trace');
      const order = { folder, id, item, paper };
      const pdf = await inCaseThread('print', order, { signal: nodeSignal(context) });
      return { fileName: `${caseFileName(name)}-trace-${item}`, pdf };
    },
    'case.verify': async ({ upload, sha256, rerun }, context) => {
      const received = workspace.uploads.finish(upload);
      try {
        const [path, ...others] = received.paths;
        if (path === undefined || others.length > 0) {
          throw new ApiError('usage', 'One bundle is checked at a time.');
        }
        const onPhase = (phase: string): void => context.progress({ phase });
        return await inCaseThread(
          'verify',
          { path, sha256, rerun },
          { signal: nodeSignal(context), onPhase },
        );
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // Where it lies for the moment says nothing to the person who sent it.
        const message = error.message.replaceAll(received.paths[0] ?? '', received.names[0] ?? '');
        throw new ApiError(error.code, message, { cause: error });
      } finally {
        received.remove();
      }
    },
  };
}

/** What programs have left there that ended before somebody came for it: names begin with the number of a process. */
function removeLeft(bundles: string): void {
  for (const name of readdirSync(bundles)) {
    if (!isAlive(Number(name.split('-')[0]))) rmSync(join(bundles, name), { recursive: true, force: true });
  }
}

/** A case's name as that of a file. */
export const caseFileName = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80);

function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
