/**
 * The built core of the desktop program in plain Node: opens the sample over a MessagePort, traces, keeps, prints, counts and
 * exports, and says what it found as JSON.
 */
import { MessageChannel } from 'node:worker_threads';
import { makeClient } from '../../core/wire/client.ts';
import { desktopMethods } from '../../core/wire/contract-desktop.ts';
import { contract } from '../../core/wire/contract.ts';
import { portPipe, type PortLike } from '../../core/wire/port-pipe.ts';
import type { Desk, DeskOptions } from '../../electron/desk.ts';
import type { Requests } from '../../electron/requests.ts';

const [built = '', folder = ''] = process.argv.slice(2);
const { openDesk } = (await import(`${built}/desk.js`)) as { openDesk: (options: DeskOptions) => Desk };
const { Requests: BuiltRequests } = (await import(`${built}/requests.js`)) as {
  Requests: new () => Requests;
};

const desk = openDesk({
  folder,
  requests: new BuiltRequests(),
  powers: {} as DeskOptions['powers'],
  onStore: () => undefined,
  onFault: (error) => {
    throw error;
  },
});
const { port1, port2 } = new MessageChannel();
desk.connect(port2 as unknown as PortLike);
const core = makeClient({ ...contract, ...desktopMethods }, async () =>
  Promise.resolve(portPipe(port1 as unknown as PortLike)),
);
const { job, question } = await core.call('workspace.openSample', {});
for await (const { job: state } of core.feed('jobs.watch', { job })) {
  if (state.state === 'failed') throw new Error(state.error?.message);
}
const { victim, from, atMs, site } = question;
const traced = await core.call('trace.run', { victim, from, at: atMs, site });
await core.call('case.create', { name: 'From the built program' });
const kept = await core.call('case.keepTrace', { question: { victim, from, at: atMs, site } });
const { pdf } = await core.call('case.print', { item: kept.item.id, paper: 'a4' });
const top = await core.call('query.top', { fields: ['proto'], by: 'flows', limit: 5 });
const collecting = await core.call('collect.start', { listen: ['udp://127.0.0.1:0'] });
await core.call('collect.stop', {});
const { path } = await core.call('export.flows', { format: 'jsonl' });
let exported = 0;
for await (const piece of desk.workspace.downloads.take(path)?.bytes() ?? []) exported += piece.length;
process.stdout.write(
  JSON.stringify({
    hops: traced.paths[0]?.hops.map((hop) => [hop.from, hop.to]),
    flows: top.total.flows,
    urls: collecting.urls,
    exported,
    printed: Buffer.from(pdf.subarray(0, 5)).toString('latin1'),
  }),
);
core.close();
await desk.close();
