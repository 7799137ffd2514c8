/** Stores of the host's disk: left for another one where the host allows that. */
import { changeView } from '../state/view.ts';
import { showError } from '../parts/notify.ts';
import { core } from './core.ts';
import { noteJob } from './uploads.ts';
import { useWorkspace } from './workspace.ts';

/** The filter and the range were those of the store before. */
export async function openStore(folder: string, create: boolean): Promise<void> {
  await core.call('workspace.openStore', { folder, create });
  changeView({ filter: '', range: null, window: null });
}

/** Imports the sample case; where flows of others are stored, and the host allows it, into a store of its own beside. */
export async function openSample(): Promise<void> {
  const { status } = useWorkspace.getState();
  if (status?.store && status.can.openStore && (await holdsOthers())) {
    await openStore(`${status.store.folder.replace(/[\\/]+$/, '')}-sample`, true);
  }
  noteJob((await core.call('workspace.openSample', {})).job, () => void openSample().catch(showError));
}

/** The files of the sample lie in a folder of that name. */
async function holdsOthers(): Promise<boolean> {
  const { sources } = await core.call('workspace.sources', {});
  return sources.some(({ name, flows }) => flows > 0 && !/[\\/]sample[\\/]/.test(name));
}
