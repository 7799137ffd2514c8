/** Runs a bundled trace again on the bundle's own flows, and compares. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '../../model/api-error.ts';
import type { TraceCheck } from '../../model/case.ts';
import { durationMs, epochMs } from '../../model/time.ts';
import type { Party } from '../../model/trace-question.ts';
import type { TracedPath } from '../../model/trace-result.ts';
import {
  bundledTrace,
  MAX_DOCUMENT_BYTES,
  type BundledFlows,
  type BundledTrace,
} from '../../model/case-bundle.ts';
import { readEntryBytes, readWhole, type OpenZip } from './zip.ts';
import { importIntoFolder } from '../import/files.ts';
import { traceStore, type TraceRequest } from '../trace/store.ts';

type Path = Pick<TracedPath, 'hops'> | BundledTrace['result']['paths'][number];

/** Takes a store in the system's temporary folder, which is removed. The files must have been checked. */
export async function rerunTrace(
  path: string,
  zip: OpenZip,
  flows: BundledFlows,
  signal: AbortSignal | undefined,
): Promise<TraceCheck> {
  const { item } = flows;
  const says = (same: boolean, message: string, count = 0): TraceCheck => ({
    item,
    same,
    message,
    flows: count,
  });
  const entry = zip.entries.get(`traces/${item}.json`);
  const text = entry && (await readWhole(path, entry, MAX_DOCUMENT_BYTES)).toString('utf8');
  const kept = bundledTrace.safeParse(text && JSON.parse(text));
  if (!kept.success) return says(false, `Trace ${item} cannot be read.`);
  const folder = mkdtempSync(join(tmpdir(), 'backtrail-verify-'));
  try {
    let count = 0;
    for (const [index, site] of flows.sites.entries()) {
      signal?.throwIfAborted();
      const source = zip.entries.get(site.path);
      if (!source) return says(false, `The flows of trace ${item} at ${site.site} are missing.`);
      const file = join(folder, `${index}.nfcapd`);
      await pipeline(readEntryBytes(path, source), createWriteStream(file, { mode: 0o600 }));
      const { files } = await importIntoFolder(join(folder, 'store'), [file], { site: site.site, signal });
      const added = files[0]?.addedRows ?? 0;
      if (added !== site.flows) {
        return says(false, `${site.path} holds ${added} flows; the manifest says ${site.flows}.`);
      }
      count += added;
    }
    const found = traceStore(join(folder, 'store'), requestOf(kept.data.question));
    return compare(item, flows, kept.data.result.paths, found.paths, count);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return says(false, `Trace ${item} cannot be run again on the bundle's flows: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(
  item: number,
  { everything }: BundledFlows,
  kept: readonly Path[],
  found: readonly Path[],
  flows: number,
): TraceCheck {
  const [before, now] = [hopsOf(kept[0]), hopsOf(found[0])];
  const at = before.findIndex((hop, index) => hop !== now[index]);
  const on = `${flows} flows${everything ? '' : ', those of its machines alone'}`;
  if (at < 0 && before.length === now.length) {
    const what = before.length === 0 ? 'no path, as before' : `the same path of ${before.length} hops`;
    return { item, same: true, flows, message: `Run again on ${on}, trace ${item} finds ${what}.` };
  }
  const place = at < 0 ? before.length : at;
  const message =
    `Run again on ${on}, trace ${item} finds another path: hop ${place + 1} was ` +
    `${before[place] ?? 'not there'}, and is ${now[place] ?? 'not there'}.`;
  return { item, same: false, flows, message };
}

/** The best path, hop by hop, in words that name its connections. */
const hopsOf = (path: Path | undefined): string[] =>
  (path?.hops ?? []).map(({ kind, from, to, connections }) => {
    const names = connections.map(
      (one) => `${one.source} port ${one.sourcePort} to ${one.destination} port ${one.destinationPort}`,
    );
    return names.length === 0 ? `${kind} ${from} to ${to}` : names.join(' = ');
  });

function requestOf({ victim, at, from, site, within }: BundledTrace['question']): TraceRequest {
  return {
    victim: partyOf(victim),
    at: epochMs(at),
    within: durationMs(within),
    ...(from && { from: partyOf(from) }),
    ...(site !== undefined && { site }),
  };
}

const partyOf = ({
  address,
  port,
}: {
  readonly address: string;
  readonly port?: number | undefined;
}): Party => (port === undefined ? { address } : { address, port });
