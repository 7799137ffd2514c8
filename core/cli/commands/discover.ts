/** `backtrail discover`: which logins carry other logins, though nobody reported them? */
import type { Command } from 'commander';
import { discoverInStore } from '../../app/trace/discover.ts';
import type { EpochMs } from '../../model/time.ts';
import { renderDiscovery } from '../discover-text.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseTimeOption, type OutputFormat } from '../options.ts';

interface DiscoverCommandOptions {
  readonly store: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly site?: string;
  readonly number: number;
  readonly format: OutputFormat;
}

const LISTED = 20;

export function registerDiscover(program: Command, io: CliIo): void {
  program
    .command('discover')
    .description('find stepping stones that nobody reported: logins that carry other logins')
    .requiredOption('--store <dir>', 'the store to read')
    .option('--from <time>', 'only flows from this moment on', parseTimeOption)
    .option('--to <time>', 'only flows before this moment', parseTimeOption)
    .option('--site <name>', 'only those that an exporter of this site saw')
    .option('-n, --number <count>', 'how many to list, the best first', parseCountOption, LISTED)
    .addOption(formatOption('text', 'json'))
    .action(({ store, from, to, site, number, format }: DiscoverCommandOptions) => {
      const discovery = discoverInStore(store, { from, to, site, limit: number });
      io.out(format === 'json' ? `${JSON.stringify(discovery, null, 2)}\n` : renderDiscovery(discovery));
    });
}
