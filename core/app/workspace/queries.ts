/** The open store's queries, which all handlers of a workspace share. */
import { openQueries, type Queries } from '../query/queries.ts';
import type { Workspace } from './workspace.ts';

const shared = new WeakMap<Workspace, () => Queries>();

/** Opens them when they are first needed; they are closed with the store. Throws as `workspace.store` does. */
export function queriesOf(workspace: Workspace): Queries {
  let get = shared.get(workspace);
  if (!get) {
    let opened: Queries | undefined;
    workspace.onLeave(() => {
      void opened?.close();
      opened = undefined;
    });
    get = () => {
      // Says what is wrong where there is no store.
      void workspace.store;
      return (opened ??= openQueries(workspace.folder, {
        flush: async () => workspace.collector.running?.flush(),
      }));
    };
    shared.set(workspace, get);
  }
  return get();
}
