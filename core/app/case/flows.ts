/** The flows that an item of a case rests on, as files of other programs: one table, and an nfcapd file for each site. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { NfcapdWriter } from '../../archive/nfcapd-write.ts';
import type { RecordKind } from '../../model/query.ts';
import { Store } from '../../store/store.ts';
import type { StoredBatch } from '../../store/segment-reader.ts';
import type { KeptFlows } from '../../model/case.ts';
import type { KeptTrace } from './desk.ts';
import type { BundledFlows } from '../../model/case-bundle.ts';
import { exportColumns } from '../export/rows.ts';
import { csvEncoder } from '../export/text.ts';
import { compileFilter } from '../query/filter.ts';
import { noKinds, rowsOfKinds } from '../query/rows.ts';

/** Flows of a trace that are bundled whole, where nobody says otherwise. */
export const TRACE_FLOWS = 2_000_000;

interface Selection {
  readonly filter: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly kinds: readonly RecordKind[];
}

interface Written {
  readonly flows: number;
  readonly sites: BundledFlows['sites'];
  readonly notes: string[];
}

export interface FlowFiles {
  readonly folder: string;
  /** The bundle's staging folder, where `flows/` is. */
  readonly staging: string;
  readonly item: number;
  readonly signal: AbortSignal | undefined;
}

export async function writeKeptFlows(
  files: FlowFiles,
  { filter, fromMs, toMs, kind }: KeptFlows,
): Promise<BundledFlows> {
  const selection = { filter, from: fromMs ?? undefined, to: toMs ?? undefined, kinds: [kind] };
  const written = await writeFlows(files, selection, Number.POSITIVE_INFINITY);
  if (!written) throw new Error('a selection without a limit was too large');
  return { item: files.item, everything: true, csv: csvPath(files.item), ...written };
}

/** Everything that the trace read, so that running it again finds the same; above `limit` flows what its machines did. */
export async function writeTraceFlows(
  files: FlowFiles,
  trace: KeptTrace,
  limit: number,
): Promise<BundledFlows> {
  const { at, within } = trace.question;
  const selection: Selection = {
    filter: '',
    from: at - within,
    to: at + within,
    kinds: ['flow', 'event', 'sample'],
  };
  const all = await writeFlows(files, selection, limit);
  const csv = csvPath(files.item);
  if (all) return { item: files.item, everything: true, csv, ...all };
  const filter = `ip in [${machinesOf(trace).join(' ')}]`;
  const some = await writeFlows(files, { ...selection, filter }, Number.POSITIVE_INFINITY);
  if (!some) throw new Error('a selection without a limit was too large');
  const note = `Trace ${files.item} read more than ${limit} flows: those of its machines alone are in the bundle, ${some.flows}.`;
  return { item: files.item, everything: false, csv, ...some, notes: [note, ...some.notes] };
}

function machinesOf({ question, result }: KeptTrace): string[] {
  const machines = new Set([question.victim.address]);
  if (question.from) machines.add(question.from.address);
  const connections = [
    result.target,
    ...result.paths.flatMap(({ hops }) => hops.flatMap((hop) => hop.connections)),
    ...result.candidates.flatMap(({ verdict, connection }) => (verdict === 'unrelated' ? [] : [connection])),
  ];
  for (const { source, destination } of connections) machines.add(source).add(destination);
  return [...machines];
}

const csvPath = (item: number): string => `flows/${item}.csv`;

/** Undefined where there are more flows than `limit`. */
async function writeFlows(
  { folder, staging, item, signal }: FlowFiles,
  { filter: text, from, to, kinds }: Selection,
  limit: number,
): Promise<Written | undefined> {
  const filter = compileFilter(text);
  const notes = new Set<string>();
  const sites = new Map<string, SiteFile>();
  const table = csvEncoder(exportColumns(true));
  const csv = new OutputFile(join(staging, csvPath(item)));
  let flows = 0;
  try {
    using store = Store.open(folder, { create: false });
    const mayMatch =
      filter && ((segment: Parameters<typeof filter.mayMatch>[0]): boolean => filter.mayMatch(segment));
    for (const batch of store.scan({ from, to, mayMatch, onDamage: ({ message }) => notes.add(message) })) {
      signal?.throwIfAborted();
      const rows = rowsOfKinds(batch, filter?.select(batch), kinds, noKinds());
      flows += rows?.length ?? batch.count;
      if (flows > limit) return undefined;
      for (const piece of table.add(batch, rows, undefined)) csv.write(piece);
      for (const [site, own] of bySite(batch, rows)) {
        let file = sites.get(site);
        if (!file) {
          file = new SiteFile(staging, `flows/${item}-${sites.size + 1}.nfcapd`);
          sites.set(site, file);
        }
        file.add(batch, own);
      }
      // Lets signals and other work of the host in.
      await setImmediate();
    }
    for (const piece of table.finish().rest) csv.write(piece);
  } finally {
    csv.close();
    for (const file of sites.values()) file.close();
  }
  const files = [...sites].map(([site, file]) => ({ site, path: file.path, flows: file.flows }));
  return { flows, sites: files, notes: [...notes] };
}

/** The rows of each site; undefined where they are all of the batch. */
function bySite(batch: StoredBatch, rows: Uint32Array | undefined): Map<string, Uint32Array | undefined> {
  const [first = ''] = batch.sites;
  if (batch.sites.every((site) => site === first)) {
    return new Map(rows?.length === 0 ? [] : [[first, rows]]);
  }
  const { exporter } = batch.columns;
  const lists = new Map<string, number[]>();
  const count = rows?.length ?? batch.count;
  for (let i = 0; i < count; i++) {
    const row = rows?.[i] ?? i;
    const site = batch.sites[exporter[row] ?? 0] ?? '';
    const list = lists.get(site);
    if (list) list.push(row);
    else lists.set(site, [row]);
  }
  return new Map([...lists].map(([site, list]) => [site, Uint32Array.from(list)]));
}

class OutputFile {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w', 0o600);
  }

  write(bytes: Uint8Array, position: number | null = null): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(
        this.#descriptor,
        bytes,
        at,
        bytes.length - at,
        position === null ? null : position + at,
      );
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

class SiteFile {
  readonly path: string;
  flows = 0;
  readonly #file: OutputFile;
  readonly #writer: NfcapdWriter;

  constructor(staging: string, path: string) {
    this.path = path;
    const file = new OutputFile(join(staging, path));
    this.#file = file;
    this.#writer = new NfcapdWriter({
      write: (bytes) => file.write(bytes),
      created: Date.now() / 1000,
      ident: 'Backtrail',
    });
  }

  add(batch: StoredBatch, rows: Uint32Array | undefined): void {
    this.flows += this.#writer.add(batch, rows);
  }

  close(): void {
    this.#file.write(this.#writer.finish(), 0);
    this.#file.close();
  }
}
