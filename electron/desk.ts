/** The core of a desktop host: one workspace, served on every port that a window is given. */
import { makeHandlers } from '../core/app/handlers.ts';
import { Workspace } from '../core/app/workspace/workspace.ts';
import { desktopMethods } from '../core/wire/contract-desktop.ts';
import { portPipe, type PortLike } from '../core/wire/port-pipe.ts';
import { serve, type Handlers } from '../core/wire/server.ts';
import { keepCollecting } from './collector-keeper.ts';
import type { Requests } from './requests.ts';
import { contract } from '../core/wire/contract.ts';

export const desktopContract = { ...contract, ...desktopMethods };

export interface DeskOptions {
  readonly folder: string;
  readonly requests: Requests;
  /** The powers of the shell. */
  readonly powers: Handlers<typeof desktopMethods>;
  /** Told when the page has opened another store. */
  readonly onStore: () => void;
  readonly onFault: (error: unknown) => void;
}

export interface Desk {
  readonly workspace: Workspace;
  /** Serves a window on its port, until it closes. */
  connect(port: PortLike): void;
  /** Stores what the collector has, and ends everything. */
  close(): Promise<void>;
}

export function openDesk({ folder, requests, powers, onStore, onFault }: DeskOptions): Desk {
  const workspace = new Workspace({ folder, can: { importPaths: true, openStore: true }, onFault });
  const keeper = keepCollecting(workspace, makeHandlers(workspace), (sentence) =>
    requests.add({ kind: 'say', sentence, trouble: true }),
  );
  const handlers: Handlers<typeof desktopContract> = {
    ...keeper.handlers,
    'workspace.openStore': async (request, context) => {
      const answer = await keeper.handlers['workspace.openStore'](request, context);
      onStore();
      return answer;
    },
    ...powers,
  };
  return {
    workspace,
    connect: (port) => serve(portPipe(port), desktopContract, handlers, { onFault }),
    async close() {
      keeper.end();
      await workspace.close();
    },
  };
}
