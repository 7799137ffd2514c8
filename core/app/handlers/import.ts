/** Files into the store. */
import { ApiError } from '../../model/api-error.ts';
import type { importMethods } from '../../wire/contract-import.ts';
import type { Handlers } from '../../wire/server.ts';
import { titleOf } from './workspace.ts';
import { proposeMappingHead } from '../import/mapping.ts';
import { importWork } from '../jobs/import.ts';
import type { Workspace } from '../workspace/workspace.ts';

export function importHandlers(workspace: Workspace): Handlers<typeof importMethods> {
  const importPaths = (
    paths: readonly string[],
    { site, mapping }: { readonly site?: string | undefined; readonly mapping?: string | undefined },
    title: string,
    root?: string,
    afterwards: () => void = () => undefined,
  ): { job: string } => {
    const work = importWork({ folder: workspace.folder, parts: [{ paths, site }], mapping, root });
    const job = workspace.jobs.begin('import', title, work, () => {
      afterwards();
      workspace.touch();
    });
    return { job };
  };
  return {
    'import.announce': ({ files }, { peer }) => {
      const { uploads } = workspace;
      const upload = uploads.announce(files);
      // Who leaves in the middle leaves nothing behind; what was finished is not here any more.
      peer.onGone(() => uploads.discard(upload));
      return { upload };
    },
    'import.piece': ({ upload, file, offset, bytes }) => {
      workspace.uploads.piece(upload, file, offset, bytes);
      return {};
    },
    'import.run': ({ upload, ...placement }) => {
      const received = workspace.uploads.finish(upload);
      const { paths, root, names } = received;
      return importPaths(paths, placement, titleOf(names), root, () => received.remove());
    },
    'import.discard': ({ upload }) => {
      workspace.uploads.discard(upload);
      return {};
    },
    'import.paths': ({ paths, ...placement }) => {
      if (!workspace.can.importPaths) {
        throw new ApiError('usage', 'This server takes no paths of its own disk: send the files.');
      }
      return importPaths(paths, placement, titleOf(paths));
    },
    'import.proposeMapping': ({ head }) => ({ mapping: proposeMappingHead(head) }),
  };
}
