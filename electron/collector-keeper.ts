/** A collector whose thread dies is started again, and the person is told: datagrams of the time between are lost. */
import type { Workspace } from '../core/app/workspace/workspace.ts';
import type { Handlers } from '../core/wire/server.ts';
import type { CoreContract } from '../core/wire/contract.ts';

interface Wanted {
  readonly listen: readonly string[];
  readonly allow: readonly string[];
}

/** More deaths than this within a minute are no accident. */
const MAX_RESTARTS = 3;
const MINUTE_MS = 60_000;

export interface CollectorKeeper {
  /** The handlers, watched for what is wanted of the collector. */
  readonly handlers: Handlers<CoreContract>;
  end(): void;
}

export function keepCollecting(
  workspace: Workspace,
  handlers: Handlers<CoreContract>,
  say: (sentence: string) => void,
): CollectorKeeper {
  const ending = new AbortController();
  let wanted: Wanted | undefined;
  let restarts: number[] = [];
  const restart = async (again: Wanted): Promise<void> => {
    const now = performance.now();
    restarts = [...restarts.filter((at) => at > now - MINUTE_MS), now];
    if (restarts.length > MAX_RESTARTS) {
      wanted = undefined;
      say('The collector has ended again and again, and is not started any more: its log says why.');
      return;
    }
    try {
      await workspace.collector.start(workspace.folder, again.listen, again.allow);
      say('The collector had ended by a fault and was started again: what arrived in between is lost.');
    } catch (error) {
      wanted = undefined;
      say(`The collector has ended by a fault and cannot be started again: ${sentenceOf(error)}`);
    }
  };
  const watch = async (): Promise<void> => {
    const { collector } = workspace;
    while (!ending.signal.aborted) {
      const seen = collector.changes.version;
      if (wanted && !collector.running) await restart(wanted);
      await collector.changes.after(seen, ending.signal, MINUTE_MS);
    }
  };
  void watch();
  return {
    handlers: {
      ...handlers,
      'collect.start': async (request, context) => {
        const started = await handlers['collect.start'](request, context);
        wanted = { listen: request.listen, allow: request.allow ?? [] };
        return started;
      },
      'collect.stop': async (request, context) => {
        wanted = undefined;
        return handlers['collect.stop'](request, context);
      },
    },
    end() {
      wanted = undefined;
      ending.abort();
    },
  };
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
