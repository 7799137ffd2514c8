/** Live collection. */
import { ApiError } from '../../model/api-error.ts';
import type { CollectorStatus, collectMethods } from '../../wire/contract-collect.ts';
import type { Handlers } from '../../wire/server.ts';
import type { CollectStatus } from '../collect/collect.ts';
import { exporterConfig, exporterDevices } from '../exporter-config.ts';
import { nodeSignal } from './signal.ts';
import type { Workspace } from '../workspace/workspace.ts';

export function collectHandlers(workspace: Workspace): Handlers<typeof collectMethods> {
  const { collector } = workspace;
  return {
    'collect.start': async ({ listen, allow = [], tls }) => {
      const { urls, warnings, reloadedTemplates } = await collector.start(
        workspace.folder,
        listen,
        allow,
        tls,
      );
      return { urls: [...urls], warnings: [...warnings], reloadedTemplates };
    },
    'collect.stop': async () => {
      const last = plain(await collector.stop());
      workspace.touch();
      return last;
    },
    'collect.status': (_, context) => statuses(workspace, nodeSignal(context)),
    'collect.issues': async () => {
      const issues = (await collector.running?.issues()) ?? [];
      return { issues: [...issues] };
    },
    'collect.flows': ({ maxRows }, context) => collector.flows(maxRows, nodeSignal(context)),
    'collect.devices': () => ({ devices: [...exporterDevices] }),
    'collect.exporterConfig': ({ device, target }) => {
      const known = exporterDevices.find((name) => name === device);
      if (!known) {
        throw new ApiError(
          'usage',
          `There are no lines for "${device}": ${exporterDevices.join(', ')} are there.`,
        );
      }
      return { text: exporterConfig(known, target) };
    },
  };
}

async function* statuses(
  { collector }: Workspace,
  signal: AbortSignal,
): AsyncGenerator<CollectorStatus | null> {
  while (!signal.aborted) {
    const seen = collector.changes.version;
    const { status } = collector;
    yield status ? plain(status) : null;
    await collector.changes.after(seen, signal, 60_000);
  }
}

/** A copy that the wire may have: it takes lists that can be written to. */
const plain = (status: CollectStatus): CollectorStatus => ({
  ...status,
  listeners: [...status.listeners],
  refusedBy: [...status.refusedBy],
  exporters: [...status.exporters],
});
