/** The desktop program's own process: Electron is handed to everything else here, and nothing more is done. */
import * as electron from 'electron';
import { fileURLToPath } from 'node:url';
import { boot } from './boot.ts';

const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Not awaited: Electron is ready only after this module has been read to its end.
boot(electron, {
  pages: built('../renderer'),
  preload: built('../preload/preload.cjs'),
  icon: built('../../resources/icons/256x256.png'),
  args: process.argv.slice(electron.app.isPackaged ? 1 : 2),
  platform: process.platform,
  onFault: (error) => void process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
}).catch((error: unknown) => {
  electron.dialog.showErrorBox(
    'Backtrail cannot start',
    error instanceof Error ? error.message : String(error),
  );
  electron.app.exit(1);
});
