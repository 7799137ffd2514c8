/** Where things lie on this machine's disk. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The store that is opened where none is named: in the folder that the platform has for a program's data. */
export function defaultStoreFolder(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): string {
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Backtrail', 'store');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Backtrail', 'store');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'backtrail', 'store');
}
