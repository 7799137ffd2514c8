/** Files on their way from this window to the core, and the import job that each batch of them becomes. */
import { create } from 'zustand';
import { MAX_PIECE_BYTES, MAX_UPLOAD_FILES } from '../../core/wire/contract-import.ts';
import { isQuiet } from '../parts/errors.ts';
import { showError } from '../parts/notify.ts';
import { core } from './core.ts';
import type { ChosenFile } from './dropped-files.ts';

interface Upload {
  readonly key: number;
  readonly title: string;
  readonly files: number;
  readonly sent: number;
  readonly total: number;
  readonly cancel: () => void;
}

interface Uploads {
  readonly uploads: readonly Upload[];
  /** How an import that was started from this window is taken up again: what it has stored is not stored twice. */
  readonly again: ReadonlyMap<string, () => void>;
}

export const useUploads = create<Uploads>()(() => ({ uploads: [], again: new Map() }));

let lastKey = 0;

/** Remembers how a job is started again, should it be cancelled or fail. */
export const noteJob = (job: string, again: () => void): void =>
  useUploads.setState((state) => ({ again: new Map([...state.again, [job, again]]) }));

/** What a person says of files beside their bytes: see `import.run`. */
export interface Placement {
  readonly site?: string;
  /** JSON of a mapping, for tables of columns that nothing knows. */
  readonly mapping?: string;
}

/** Sends files to the core and starts their import. Tells of its own errors. */
export async function importFiles(chosen: readonly ChosenFile[], placement: Placement = {}): Promise<void> {
  const files = chosen.slice(0, MAX_UPLOAD_FILES);
  if (files.length === 0) return;
  if (files.length < chosen.length) {
    showError(
      new Error(
        `Only the first ${MAX_UPLOAD_FILES} of ${chosen.length} files are taken; drop the others next.`,
      ),
    );
  }
  const stop = new AbortController();
  const key = ++lastKey;
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const title = files.length === 1 ? (files[0]?.name ?? '') : `${files.length} files`;
  const upload: Upload = { key, title, files: files.length, sent: 0, total, cancel: () => stop.abort() };
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, upload] }));
  globalThis.addEventListener('beforeunload', askBeforeLeaving);
  try {
    await sendAndRun(key, files, placement, stop.signal);
  } catch (cause) {
    if (!isQuiet(cause)) showError(cause);
  } finally {
    useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((other) => other.key !== key) }));
    if (useUploads.getState().uploads.length === 0) {
      globalThis.removeEventListener('beforeunload', askBeforeLeaving);
    }
  }
}

/** A page that is left has sent a part of its files, which nobody could use. */
const askBeforeLeaving = (event: Event): void => event.preventDefault();

async function sendAndRun(
  key: number,
  files: readonly ChosenFile[],
  placement: Placement,
  signal: AbortSignal,
): Promise<void> {
  await withUpload(
    files,
    async (upload) => {
      const { job } = await core.call('import.run', { upload, ...placement }, { signal });
      noteJob(job, () => void importFiles(files, placement));
    },
    { signal, onSent: (bytes) => noteSent(key, bytes) },
  );
}

/** Sends files to the core and does something with the upload that they have become. */
export async function withUpload<T>(
  files: readonly ChosenFile[],
  work: (upload: string) => Promise<T>,
  { signal, onSent }: { readonly signal: AbortSignal; readonly onSent: (bytes: number) => void },
): Promise<T> {
  const announced = files.map(({ name, file }) => ({ name, bytes: file.size }));
  const { upload } = await core.call('import.announce', { files: announced }, { signal });
  try {
    for (const [index, { file }] of files.entries()) {
      for (let offset = 0; offset < file.size; offset += MAX_PIECE_BYTES) {
        const bytes = new Uint8Array(await file.slice(offset, offset + MAX_PIECE_BYTES).arrayBuffer());
        await core.call('import.piece', { upload, file: index, offset, bytes }, { signal });
        onSent(bytes.length);
      }
    }
    return await work(upload);
  } catch (cause) {
    // What was sent is of no use any more. Where the connection is gone, so is the upload.
    await core.call('import.discard', { upload }).catch(() => undefined);
    throw cause;
  }
}

function noteSent(key: number, bytes: number): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((other) => (other.key === key ? { ...other, sent: other.sent + bytes } : other)),
  }));
}
