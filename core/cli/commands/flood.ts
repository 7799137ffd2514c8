/** `backtrail flood`: by which interfaces did this flood come in? */
import { InvalidArgumentError, type Command } from 'commander';
import { traceFlood } from '../../app/trace/flood.ts';
import { formatAddress, parseAddress } from '../../model/address.ts';
import type { FloodQuestion } from '../../model/flood-trace.ts';
import type { EpochMs } from '../../model/time.ts';
import { renderFlood } from '../flood-text.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseTimeOption, type OutputFormat } from '../options.ts';

interface FloodOptions {
  readonly store: string;
  readonly target: FloodQuestion['target'];
  readonly at: EpochMs;
  readonly baseline: number;
  readonly window: number;
  readonly format: OutputFormat;
}

const HOUR_MS = 3_600_000;

export function registerFlood(program: Command, io: CliIo): void {
  program
    .command('flood')
    .description('trace a flood to the interfaces by which it came in')
    .requiredOption('--store <dir>', 'the store to read')
    .requiredOption('--target <ip[/length]>', 'the address or network under attack', parseNetworkOption)
    .requiredOption('--at <time>', 'a moment of the flood', parseTimeOption)
    .option('--baseline <hours>', 'how far back the usual traffic is measured', parseCountOption, 24)
    .option('--window <seconds>', 'how long the flood is measured, around that moment', parseCountOption, 60)
    .addOption(formatOption('text', 'json'))
    .action((options: FloodOptions) => {
      const { store, target, at, baseline, window, format } = options;
      const question = { target, at, windowMs: window * 1000, baselineMs: baseline * HOUR_MS };
      const trace = traceFlood(store, question);
      io.out(format === 'json' ? `${JSON.stringify(trace, null, 2)}\n` : renderFlood(trace));
    });
}

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
function parseNetworkOption(text: string): FloodQuestion['target'] {
  const [, host = text, bits] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const bytes = parseAddress(host);
  const length = bits === undefined ? (bytes?.length ?? 0) * 8 : Number(bits);
  if (!bytes || length > bytes.length * 8) {
    throw new InvalidArgumentError('Write an address or a network, such as 192.0.2.7 or 2001:db8::/32.');
  }
  return { address: formatAddress(bytes), length };
}
