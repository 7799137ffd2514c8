/** `backtrail demo`: the main job, on the sample case, in a minute. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { importIntoFolder } from '../../app/import/files.ts';
import { loadSampleCase, type SampleCase, type SampleSource } from '../../app/sample-case.ts';
import { DEFAULT_WITHIN, traceStore } from '../../app/trace/store.ts';
import { formatTime } from '../../model/time.ts';
import type { CliIo } from '../io.ts';
import { pathPlaces } from '../trace-places.ts';
import { renderTrace } from '../trace-text.ts';

export function registerDemo(program: Command, io: CliIo): void {
  program
    .command('demo')
    .description('import the sample case into a temporary store and trace it')
    .action(() => demo(io));
}

async function demo(io: CliIo): Promise<void> {
  const sample = loadSampleCase();
  const store = mkdtempSync(join(tmpdir(), 'backtrail-demo-'));
  const { victim, from, at, site } = sample.question;
  io.out(`Sample case: ${sample.title}\n\nReading the flow archives of ${sample.sources.length} sites:\n\n`);
  for (const source of sample.sources) {
    io.flush();
    io.out(await importSource(store, source, io));
  }
  io.out(
    `\nQuestion: at ${formatTime(at)} ${victim.address}:${victim.port} in the ${site} saw a login from ${from.address}:${from.port}.\nThrough which machines did it really come?\n\n`,
  );
  io.flush();
  const result = traceStore(store, { victim, from, at, site, within: DEFAULT_WITHIN });
  io.out(renderTrace(result, await pathPlaces(store, result)));
  io.out(nextSteps(store, sample));
}

async function importSource(store: string, { folder, site, what }: SampleSource, io: CliIo): Promise<string> {
  let bar: ReturnType<CliIo['progress']> | undefined;
  const { files } = await importIntoFolder(store, [folder], {
    site,
    onProgress: (bytes, total) => (bar ??= io.progress(site, total)).update(bytes),
  });
  bar?.end();
  const failed = files.find((file) => file.error);
  if (failed?.error) throw failed.error;
  const flows = files.reduce((sum, file) => sum + file.addedRows, 0);
  return `  ${site.padEnd(14)} ${String(flows).padStart(5)} flows from ${what}\n`;
}

function nextSteps(store: string, { question: { victim, from, at, site } }: SampleCase): string {
  const command = 'npm run -s backtrail --';
  return `WHAT TO DO NEXT

The store is ${store}; delete the folder when you are done. In the repository:

  ${command} flows --store ${store} --limit 20
  ${command} trace --store ${store} --victim ${victim.address}:${victim.port} \\
      --from ${from.address}:${from.port} --at ${formatTime(at)} --site "${site}" --format json
  ${command} import YOUR-FILES --store DIR      pcap, pcapng and nfcapd files, or folders of them
  ${command} --help
`;
}
