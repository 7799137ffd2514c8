/** Quitting, and closing the window that is the program: a running collector is asked about and drained first. */
import type { Desk } from './desk.ts';
import type { DeskWindow, Electron } from './electron-parts.ts';
import type { MonthlyReports } from './monthly-reports.ts';

export interface LeaveOptions {
  readonly electron: Electron;
  readonly desk: Desk;
  readonly reports: MonthlyReports;
  readonly window: () => DeskWindow | undefined;
  readonly onFault: (error: unknown) => void;
}

export interface Leaving {
  /** The program ends with this window: it closes only when nothing runs, or the person has said so. */
  guard(window: DeskWindow): void;
}

/** From now on the program ends only when everything that was collected is stored. */
export function leaveCleanly({ electron, desk, reports, window, onFault }: LeaveOptions): Leaving {
  const { app, dialog } = electron;
  let state: 'open' | 'asking' | 'closing' | 'closed' = 'open';
  const leave = async (): Promise<void> => {
    state = 'asking';
    if (!(await mayLeave())) {
      state = 'open';
      return;
    }
    state = 'closing';
    try {
      await reports.stop();
      await desk.close();
    } catch (error) {
      onFault(error);
    } finally {
      state = 'closed';
      app.quit();
    }
  };
  const work = (): string => {
    const { collector, jobs } = desk.workspace;
    const parts = [
      collector.running && 'The collector is running',
      jobs.active && 'Files are being imported',
    ];
    return parts.filter((part) => typeof part === 'string').join(', and ');
  };
  const mayLeave = async (): Promise<boolean> => {
    const said = work();
    if (said === '') return true;
    const options = {
      type: 'question' as const,
      message: `${said}.`,
      detail:
        'Quitting stores what has arrived. An import goes on where it stopped when the files are imported again.',
      buttons: ['Stop and quit', 'Go on'],
      defaultId: 1,
      cancelId: 1,
    };
    const shown = window();
    const { response } = await (shown
      ? dialog.showMessageBox(shown, options)
      : dialog.showMessageBox(options));
    return response === 0;
  };
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'open') leave().catch(onFault);
  });
  return {
    guard(guarded) {
      guarded.on('close', (event) => {
        if (state === 'closing' || state === 'closed' || work() === '') return;
        event.preventDefault();
        if (state === 'open') app.quit();
      });
    },
  };
}
