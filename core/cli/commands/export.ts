/** `backtrail export`: all flows of a selection into a file for other programs. */
import { Option, type Command } from 'commander';
import { exportFile } from '../../app/export/file.ts';
import {
  exportFormats,
  nfcapdCompressions,
  type ExportFormat,
  type NfcapdCompression,
} from '../../app/export/flows.ts';
import { showingFilter } from '../../app/query/filter-fault.ts';
import { ApiError } from '../../model/api-error.ts';
import type { EpochMs } from '../../model/time.ts';
import { interruptible, unlessAborted } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { parseTimeOption } from '../options.ts';
import { formatBytes } from '../progress.ts';

interface ExportCommandOptions {
  readonly store: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly format: ExportFormat;
  readonly out: string;
  readonly force?: boolean;
  readonly scaled?: boolean;
  readonly elements: boolean;
  readonly compress?: NfcapdCompression;
}

export function registerExport(program: Command, io: CliIo): void {
  program
    .command('export')
    .description('write flows of a store to a file for other programs')
    .argument('[filter...]', 'which flows, in the filter language of nfdump; every flow where none is given')
    .requiredOption('--store <dir>', 'the store to read')
    .requiredOption('--out <file>', 'the file to write')
    .addOption(
      new Option('--format <name>', 'what the file is').choices(exportFormats).makeOptionMandatory(true),
    )
    .option('--from <time>', 'only flows that were there at this time or later', parseTimeOption)
    .option('--to <time>', 'only flows that began before this time', parseTimeOption)
    .option('--scaled', 'multiply the counters of exporters that sample by their sampling interval')
    .option('--no-elements', 'leave out the elements that have no column of their own')
    .addOption(
      new Option('--compress <method>', 'of the blocks of an nfcapd file').choices(nfcapdCompressions),
    )
    .option('--force', 'write over a file that is there')
    .action((filter: string[], options: ExportCommandOptions) => runExport(filter.join(' '), options, io));
}

async function runExport(filter: string, options: ExportCommandOptions, io: CliIo): Promise<void> {
  const { store, from, to, format, out, scaled, elements, compress } = options;
  if (compress !== undefined && format !== 'nfcapd') {
    throw new ApiError('usage', '--compress is for nfcapd files: leave it out, or add --format nfcapd.');
  }
  const progress = io.progress('exported', 0);
  const question = { filter, from, to, format, scaled, elements, compression: compress };
  const onProgress = ({ bytes }: { readonly bytes: number }): void => progress.update(bytes);
  const summary = await interruptible(io, (signal) =>
    unlessAborted(signal, () =>
      showingFilter(filter, () =>
        exportFile(store, question, out, { force: options.force === true, signal, onProgress }),
      ),
    ),
  ).finally(() => progress.end());
  if (!summary) {
    io.err(`Interrupted: ${out} was not written.`);
    return;
  }
  for (const sentence of summary.damages) io.err(`backtrail: ${sentence}`);
  if (summary.damages.length > 0) io.fail(1);
  for (const sentence of summary.notes) io.err(sentence);
  const flows = summary.flows === 1 ? '1 flow' : `${summary.flows} flows`;
  io.err(`${flows} in ${out} (${formatBytes(summary.bytes)}).`);
}
