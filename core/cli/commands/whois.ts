/** `backtrail whois`: who holds an address or an AS number, asked at the registries over the network. */
import { Option, type Command } from 'commander';
import { lookUp } from '../../app/geo/lookup.ts';
import { lookUpFolder } from '../../app/geo/settings.ts';
import { internet, type Transport } from '../../app/geo/transport.ts';
import { defaultStoreFolder } from '../../app/workspace/folder.ts';
import type { Registration } from '../../model/place.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import { interruptible, unlessAborted } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { formatOption, type OutputFormat } from '../options.ts';
import { formatTable } from '../table.ts';

interface WhoisOptions {
  readonly store?: string;
  readonly again?: true;
  readonly by?: 'rdap' | 'whois';
  readonly raw?: true;
  readonly format: OutputFormat;
}

export function registerWhois(program: Command, io: CliIo, transport: Transport = internet): void {
  program
    .command('whois')
    .description(
      'asks the registries (RIPE NCC, ARIN, APNIC, LACNIC, AFRINIC) who holds an address or AS number',
    )
    .argument('<address|AS>', '46.4.20.11, 2a01:4f8::1, AS24940')
    .option('--store <dir>', 'the store that keeps the answer; else it is kept with the data of this user')
    .option('--again', 'ask also where an answer of the last seven days is kept')
    .addOption(
      new Option('--by <protocol>', 'ask by this alone; else RDAP, then WHOIS').choices(['rdap', 'whois']),
    )
    .option('--raw', 'the answer as it came')
    .addOption(formatOption('text', 'json'))
    .action((text: string, options: WhoisOptions) => whois(text, options, io, transport));
}

async function whois(text: string, options: WhoisOptions, io: CliIo, transport: Transport): Promise<void> {
  const { store = defaultStoreFolder(), again, by: only, raw, format } = options;
  const answer = await interruptible(io, (signal) =>
    unlessAborted(signal, () =>
      lookUp(text, { folder: lookUpFolder(store), signal, again, only, transport }),
    ),
  );
  if (!answer) return;
  if (raw === true) io.out(answer.text.endsWith('\n') ? answer.text : `${answer.text}\n`);
  else io.out(format === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : describe(answer));
  io.flush();
  for (const sentence of answer.notes) io.err(sentence);
  io.err(originOf(answer));
}

function describe(answer: Registration): string {
  const { query, range, handle, name, owner, country, abuse, registered, changed } = answer;
  const rows = [
    ['Range', range],
    ['Name', name],
    ['Handle', handle],
    ['Holder', owner],
    ['Country', country === '' ? '' : `${country} (of the holder)`],
    ['Abuse', abuse.join(', ')],
    ['Registered', registered ?? ''],
    ['Changed', changed ?? ''],
  ].map(([what = '', value = '']) => [what, value === '' ? 'not said' : value]);
  return formatTable([{ title: query }, { title: '' }], rows);
}

function originOf({ protocol, server, registry, fetchedMs, cached }: Registration): string {
  const by = `${protocol === 'rdap' ? 'RDAP' : 'WHOIS'}, ${server}${registry === null ? '' : ` (${registry})`}`;
  const time = formatTime(epochMs(Math.round(fetchedMs / 1000) * 1000));
  return cached ? `${by}, kept since ${time}: --again asks anew.` : `${by}, asked at ${time}.`;
}
