/** A thousand random filters, run by nfdump on this machine and by us over the same files: the same records, in order. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { flowFilter } from '../../core/filter/compile.ts';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import { read } from '../archive/run.ts';
import { describeShared, describeWith, sharedPath, temporaryFolder } from '../support.ts';
import {
  Chance,
  needingOrder,
  primitives,
  random,
  randomFilter,
  samplesOf,
  type Samples,
} from './random-filter.ts';

const FILTERS = 1000;
const SEED = 20_261_121;

/** Left out is v2-ipfix-pmacct-400a: nfdump reads addresses of both families in one record into one place. */
const corpusFiles = [
  'isp-v2-none',
  'v1-lzo-10-records',
  'v1-none-cisco',
  'v2-ipfix-mikrotik',
  'v2-ipfix-pmacct-100',
  'v2-ipfixfile-ipfixcol2-example',
  'v2-nf5-mikrotik',
  'v2-nf9-cisco-asa1',
  'v2-nf9-ubnt',
];

/** Of these, with flows that end before they begin, or never, and with firewall events. */
const backward = ['isp-v2-none', 'v2-nf9-cisco-asa1'];

const labFolders = [
  ['a_paper_v5', 'nfcapd', 'KR'],
  ['b_3ss_v9_40bg', 'nfcapd', 'KR-wan'],
  ['c_mixed_skew', 'nfcapd', 'ZA-both'],
  ['h_stock_softflowd', 'nfcapd', 'US'],
];

const format = 'fmt:%ts %te %sa %sp %da %dp %pr %pkt %byt %flg %tos %in %out %sas %das';

/** The lines that nfdump prints of the files in a folder, one a record, in the order of the files. */
function nfdump(folder: string, geo: string, filter: string): string[] {
  const { stdout, stderr, status } = spawnSync(
    'nfdump',
    ['-q', '-6', '-G', geo, '-R', folder, '-o', format, filter],
    {
      env: { ...process.env, TZ: 'UTC' },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  if (status !== 0) throw new Error(`nfdump refuses ${filter}: ${stderr.slice(0, 200)}`);
  return stdout.split('\n').filter((line) => line.trim() !== '' && line !== 'No matching flows');
}

function selected(batches: readonly SitedBatch[], filter: string): number[] {
  const compiled = flowFilter(filter);
  const found: number[] = [];
  let first = 0;
  for (const batch of batches) {
    for (const row of compiled.select(batch)) found.push(first + row);
    first += batch.count;
  }
  return found;
}

/** Files in a folder as nfdump reads them, and as we do. */
class Recording {
  readonly folder = temporaryFolder();
  readonly batches: SitedBatch[] = [];
  readonly lines: readonly string[];
  readonly samples: Samples;
  readonly #geo: string;

  constructor(paths: readonly string[], geo: string) {
    this.#geo = geo;
    for (const [i, path] of paths.entries()) {
      copyFileSync(path, join(this.folder, `nfcapd.${String(i).padStart(3, '0')}`));
      for (const { batch } of read(readFileSync(path)).chunks) {
        this.batches.push({ ...batch, sites: batch.exporters.map(() => '') });
      }
    }
    this.lines = this.nfdump('any');
    this.samples = samplesOf(this.batches);
  }

  nfdump(filter: string): string[] {
    return nfdump(this.folder, this.#geo, filter);
  }

  /** What nfdump would print of the rows that we select. */
  select(filter: string): (string | undefined)[] {
    return selected(this.batches, filter).map((row) => this.lines[row]);
  }
}

describeShared('filters over the nfcapd files of the corpus and the recordings', () => {
  describeWith('nfdump', 'compared with nfdump', () => {
    const corpus = (name: string): string => sharedPath('corpus', 'nfcapd', `${name}.nfcapd`) ?? '';
    const lab = labFolders.flatMap((parts) => {
      const path = sharedPath('lab', ...parts) ?? '';
      return readdirSync(path)
        .filter((name) => name.startsWith('nfcapd.'))
        .toSorted()
        .map((name) => join(path, name));
    });
    // nfdump filters by AS only with a database of countries at hand; a file without flows is one without countries.
    const geo = corpus('v1-empty');
    const whole = new Recording([...corpusFiles.map(corpus), ...lab], geo);
    const forward = corpusFiles.filter((name) => !backward.includes(name));
    const ordered = new Recording([...forward.map(corpus), ...lab], geo);

    it('both read the same records', () => {
      for (const { batches, lines } of [whole, ordered]) {
        expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
      }
      expect(whole.lines.length).toBe(13_615);
    });

    it(`${FILTERS} random filters match the same records`, () => {
      const next = new Chance(random(SEED));
      const kinds = Object.keys(primitives);
      const others = kinds.filter((kind) => !needingOrder.includes(kind));
      const differing: string[] = [];
      let dividing = 0;
      for (let i = 0; i < FILTERS; i++) {
        const first = kinds[i % kinds.length] ?? '';
        const rates = i % 2 === 0 || needingOrder.includes(first);
        const recording = rates ? ordered : whole;
        const filter = randomFilter(next, recording.samples, first, rates ? kinds : others);
        const ours = recording.select(filter);
        const theirs = recording.nfdump(filter);
        if (ours.length > 0 && ours.length < recording.lines.length) dividing++;
        if (theirs.length !== ours.length || ours.some((line, k) => line !== theirs[k])) {
          differing.push(`${filter}: ${ours.length} records, nfdump ${theirs.length}`);
        }
      }
      expect(differing).toEqual([]);
      expect(dividing).toBeGreaterThan(FILTERS / 3);
    }, 240_000);
  });
});
