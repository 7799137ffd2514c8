/** `backtrail exporter-config`: the lines to paste into a device. */
import { Option, type Command } from 'commander';
import { exporterConfig, exporterDevices, type ExporterDevice } from '../../app/exporter-config.ts';
import type { CliIo } from '../io.ts';

export function registerExporterConfig(program: Command, io: CliIo): void {
  program
    .command('exporter-config')
    .description(
      'print the lines that make a device export to this collector, with timeouts that serve a trace',
    )
    .addOption(new Option('--for <device>', 'what exports').choices(exporterDevices).makeOptionMandatory())
    .requiredOption('--to <host:port>', 'where backtrail collect listens, as the device reaches it')
    .action(({ for: device, to }: { readonly for: ExporterDevice; readonly to: string }) =>
      io.out(exporterConfig(device, to)),
    );
}
