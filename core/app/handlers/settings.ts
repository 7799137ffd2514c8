/** What a person has set. */
import type { settingsMethods } from '../../wire/contract-settings.ts';
import type { Handlers } from '../../wire/server.ts';
import { readSettings, writeSetting } from '../workspace/settings.ts';
import type { Workspace } from '../workspace/workspace.ts';

export function settingsHandlers(workspace: Workspace): Handlers<typeof settingsMethods> {
  return {
    'settings.get': () => ({ values: readSettings(workspace.folder) }),
    'settings.set': ({ key, value }) => {
      writeSetting(workspace.folder, key, value);
      return {};
    },
  };
}
