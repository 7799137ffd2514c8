/**
 * Between the page and the main process: hands over one port when the page asks for one, and says which powers the host
 * has. The page checks both.
 */
import { contextBridge, ipcRenderer } from 'electron';

const POWERS = '--backtrail-powers=';

ipcRenderer.on('backtrail-port', (event) => {
  globalThis.postMessage('backtrail-port', globalThis.location.origin, [...event.ports]);
});

contextBridge.exposeInMainWorld('backtrail', {
  powers: (process.argv.find((argument) => argument.startsWith(POWERS)) ?? POWERS)
    .slice(POWERS.length)
    .split(','),
  connect: () => ipcRenderer.send('backtrail-connect'),
});
