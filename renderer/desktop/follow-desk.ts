/** Does what the shell asks of the page: its menu, files that were opened with the program, links. */
import type { DeskRequest } from '../../core/wire/contract-desktop.ts';
import { commands } from '../frame/commands.ts';
import { core } from '../link/core.ts';
import { openSample } from '../link/stores.ts';
import { noteJob } from '../link/uploads.ts';
import { showDone, showError } from '../parts/notify.ts';
import { screens } from '../screens.ts';
import { readView } from '../state/view-url.ts';
import { changeView } from '../state/view.ts';
import { hasPower } from './bridge.ts';

/** Follows until the page is left; where there is no shell, nothing. */
export async function followDesk(): Promise<void> {
  if (!hasPower('desktop.requests')) return;
  try {
    for await (const request of core.feed('desktop.requests', {})) await follow(request).catch(showError);
  } catch (cause) {
    showError(cause);
  }
}

async function importPaths(paths: string[]): Promise<void> {
  const { job } = await core.call('import.paths', { paths });
  noteJob(job, () => void importPaths(paths).catch(showError));
}

async function follow(request: DeskRequest): Promise<void> {
  switch (request.kind) {
    case 'import':
      changeView({ screen: 'sources' });
      return importPaths(request.paths);
    case 'sample':
      changeView({ screen: 'sources' });
      return openSample();
    case 'command':
      if (screens.some(({ id }) => id === request.id)) changeView({ screen: request.id });
      else commands.find(({ id }) => id === request.id)?.run();
      return;
    case 'view':
      return changeView(readView(`?${request.query}`));
    case 'say':
      if (request.trouble) showError(new Error(request.sentence));
      else showDone(request.sentence);
  }
}
