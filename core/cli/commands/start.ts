/** `backtrail start`, which is `npm start`: builds what is missing and opens the workstation. */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { buildRenderer, needsBuild } from '../build-renderer.ts';
import { electronBinary, runDesktop } from '../desktop.ts';
import type { CliIo } from '../io.ts';
import { serveWorkstation } from './serve.ts';

export function registerStart(program: Command, io: CliIo): void {
  program
    .command('start')
    .description('open the workstation on this machine; in the repository its pages are built first')
    .option('--store <dir>', 'the store; without it the one in your data folder')
    .action(async ({ store }: { readonly store?: string }) => {
      if (needsBuild()) {
        io.err('Building the pages of the workstation, which takes some seconds.');
        await buildRenderer();
      }
      const binary = electronBinary();
      if (binary !== undefined) {
        await runDesktop(binary, store === undefined ? [] : [resolve(store)]);
        return;
      }
      io.err('Electron is not installed here: the workstation opens in your browser.');
      await serveWorkstation(
        { host: '127.0.0.1', open: true, ...(store === undefined ? {} : { store }) },
        io,
      );
    });
}
