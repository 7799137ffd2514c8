/** Checks an evidence bundle: every file against the manifest, every item against the log, every trace against its flows. */
import { createHash } from 'node:crypto';
import { ApiError } from '../../model/api-error.ts';
import {
  caseStep,
  type BundleReport,
  type CaseStep,
  type Finding,
  type FindingKind,
  type TraceCheck,
} from '../../model/case.ts';
import { firstBrokenStep, sha256Of } from '../../store/case-log.ts';
import {
  bundledItems,
  bundleManifest,
  MAX_DOCUMENT_BYTES,
  type BundledItem,
  type BundleManifest,
} from '../../model/case-bundle.ts';
import { rerunTrace } from './rerun.ts';
import { hashBundle, openZip, readEntryBytes, readWhole, type OpenZip } from './zip.ts';

export interface VerifyOptions {
  /** The hash that was written down when the bundle was made. */
  readonly sha256?: string | undefined;
  /** False: traces are not run again. */
  readonly rerun: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onPhase?: ((phase: string) => void) | undefined;
}

/** Throws ApiError `unreadable-file` for what is no bundle at all; everything else is a finding. */
export async function verifyBundle(path: string, options: VerifyOptions): Promise<BundleReport> {
  const zip = openZip(path);
  const manifest = await readManifest(path, zip);
  const findings: Finding[] = [];
  const unsound = new Set<string>();
  const find = (kind: FindingKind, where: string, message: string): void => {
    findings.push({ kind, path: where, message });
    unsound.add(where);
  };
  await checkFiles(path, zip, manifest, options, find);
  const { sealed, whole } = await hashBundle(path, zip.sealedBytes);
  if (options.sha256 !== undefined && options.sha256.toLowerCase() !== whole) {
    find('seal', '', `This is not the file whose SHA-256 was given: its own is ${whole}.`);
  }
  if (zip.seal === undefined) {
    find(
      'seal',
      '',
      'It is not as it was exported: another program has packed it anew, and its seal is gone.',
    );
  } else if (sealed !== zip.seal && findings.length === 0) {
    find('seal', '', 'Something was changed in the bundle outside of its files, or in its manifest.');
  }
  await checkLog(path, zip, manifest, unsound, find);
  const traces: TraceCheck[] = [];
  for (const flows of options.rerun ? manifest.flows : []) {
    const trace = `traces/${flows.item}.json`;
    const needed = [trace, ...flows.sites.map((site) => site.path)];
    if (!zip.entries.has(trace) || needed.some((name) => unsound.has(name))) continue;
    options.signal?.throwIfAborted();
    options.onPhase?.(`running trace ${flows.item} again`);
    const check = await rerunTrace(path, zip, flows, options.signal);
    traces.push(check);
    if (!check.same) find('trace', trace, check.message);
  }
  return {
    case: manifest.case.name,
    exportedMs: manifest.exportedMs,
    program: manifest.program,
    sha256: whole,
    files: zip.entries.size,
    steps: manifest.steps,
    head: manifest.head,
    findings,
    traces,
  };
}

async function readManifest(path: string, zip: OpenZip): Promise<BundleManifest> {
  const entry = zip.entries.get('manifest.json');
  if (!entry) throw new ApiError('unreadable-file', `${path} is no evidence bundle: it has no manifest.`);
  const bytes = await readWhole(path, entry, MAX_DOCUMENT_BYTES);
  const manifest = bundleManifest.safeParse(parseJson(bytes));
  if (!manifest.success) {
    const sentence = `${path} has a manifest that cannot be read: it was changed, or made by a newer Backtrail.`;
    throw new ApiError('unreadable-file', sentence);
  }
  return manifest.data;
}

type Find = (kind: FindingKind, where: string, message: string) => void;

async function checkFiles(
  path: string,
  zip: OpenZip,
  manifest: BundleManifest,
  { signal, onPhase }: VerifyOptions,
  find: Find,
): Promise<void> {
  const listed = new Map(manifest.files.map((file) => [file.path, file]));
  for (const name of zip.entries.keys()) {
    if (name !== 'manifest.json' && !listed.has(name)) find('extra', name, `${name} is in no manifest.`);
  }
  for (const { path: name, bytes, sha256 } of listed.values()) {
    signal?.throwIfAborted();
    onPhase?.(name);
    const entry = zip.entries.get(name);
    if (!entry) {
      find('missing', name, `${name} is missing.`);
      continue;
    }
    const hash = createHash('sha256');
    try {
      for await (const piece of readEntryBytes(path, entry)) hash.update(piece);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      find('changed', name, `${name} was changed: it cannot be unpacked any more.`);
      continue;
    }
    if (entry.bytes !== bytes || hash.digest('hex') !== sha256) {
      find('changed', name, `${name} was changed: its SHA-256 is not the manifest's.`);
    }
  }
}

/** The chain of the log, and that every item is what the log says was kept. */
async function checkLog(
  path: string,
  zip: OpenZip,
  manifest: BundleManifest,
  unsound: ReadonlySet<string>,
  find: Find,
): Promise<void> {
  const read = async (name: string): Promise<Buffer | undefined> => {
    const entry = zip.entries.get(name);
    if (!entry || unsound.has(name)) {
      if (!unsound.has(name)) find('missing', name, `${name} is missing.`);
      return undefined;
    }
    return readWhole(path, entry, MAX_DOCUMENT_BYTES);
  };
  const log = await read('log.jsonl');
  const listed = await read('case.json');
  if (!log) return;
  const steps = parseSteps(log);
  if (!steps) {
    find('log', 'log.jsonl', 'A line of the log is no step of it.');
    return;
  }
  const broken = firstBrokenStep(steps);
  if (broken !== undefined) {
    find('log', 'log.jsonl', `The log is broken at step ${broken}: it does not follow from the one before.`);
    return;
  }
  if (steps.length !== manifest.steps || steps.at(-1)?.hash !== manifest.head) {
    find('log', 'log.jsonl', 'The log does not end where the manifest says: steps were taken off or put on.');
  }
  if (!listed) return;
  const items = bundledItems.safeParse(parseJson(listed));
  if (!items.success) find('changed', 'case.json', 'case.json cannot be read.');
  else checkItems(items.data, steps, manifest, find);
}

function checkItems(
  items: readonly BundledItem[],
  steps: readonly CaseStep[],
  manifest: BundleManifest,
  find: Find,
): void {
  const kept = new Map<number, Readonly<Record<string, unknown>> & { readonly action: string }>();
  for (const { action, parameters } of steps) {
    if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) continue;
    const item = Number(parameters['item']);
    if (action.endsWith('-kept')) kept.set(item, { ...parameters, action });
    else if (action === 'item-withdrawn') kept.delete(item);
  }
  const files = new Map(manifest.files.map((file) => [file.path, file.sha256]));
  for (const { id, kind, title, note, sha256, content } of items) {
    const step = kept.get(id);
    const said = step?.['sha256'];
    const file = { trace: `traces/${id}.json`, screenshot: `screenshots/${id}.png` }[kind as string];
    const found = file === undefined ? sha256Of(JSON.stringify(content)) : files.get(file);
    if (
      step?.action !== `${kind}-kept` ||
      step['title'] !== title ||
      step['note'] !== note ||
      said !== sha256
    ) {
      find('swapped', 'case.json', `Item ${id} (${title}) is not what the log says was kept.`);
    } else if (found !== said) {
      find(
        'swapped',
        file ?? 'case.json',
        `Item ${id} (${title}) is another ${kind} than the one that was kept.`,
      );
    }
    kept.delete(id);
  }
  for (const [id, step] of kept) {
    find('missing', 'case.json', `Item ${id} (${String(step['title'])}) was kept, and is not in the bundle.`);
  }
}

function parseSteps(log: Buffer): CaseStep[] | undefined {
  const lines = log.toString('utf8').split('\n').slice(0, -1);
  const steps: CaseStep[] = [];
  for (const line of lines) {
    const step = caseStep.safeParse(parseJson(line));
    if (!step.success) return undefined;
    steps.push(step.data);
  }
  return steps;
}

function parseJson(text: Buffer | string): unknown {
  try {
    return JSON.parse(text.toString()) as unknown;
  } catch {
    return undefined;
  }
}
