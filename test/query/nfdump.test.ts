/** Sums are nfdump's own, on the recorded flows of an internet provider and of a laboratory. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { openQueries, type Queries } from '../../core/app/query/queries.ts';
import type { Measure } from '../../core/model/query.ts';
import { describeShared, describeWith, sharedPath, temporaryFolder } from '../support.ts';

const recordings = ['v2-isp-20k-none.nfcapd', 'v1-none-cisco.nfcapd', 'v2-nf5-mikrotik.nfcapd'];

/** `nfdump -s KEY/BY`: the rows as text, largest first. */
function nfdumpTop(path: string, key: string, by: Measure, filter: string): string[][] {
  const args = [
    '-q',
    '-r',
    path,
    '-s',
    `${key}/${by}`,
    '-n',
    '0',
    '-o',
    'csv',
    ...(filter === '' ? [] : [filter]),
  ];
  const { stdout } = spawnSync('nfdump', args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
  return stdout
    .split('\n')
    .filter((line) => /^\d{4}-/.test(line))
    .map((line) => line.split(','))
    .map(([, , , , value = '', flows = '', , packets = '', , bytes = '']) => [value, flows, packets, bytes]);
}

const byText = (rows: readonly (readonly string[])[]): string[] => rows.map((row) => row.join(' ')).sort();

describeShared('beside nfdump', () => {
  describeWith('nfdump', 'sums by key', () => {
    describe.each(recordings)('%s', (name) => {
      const path = sharedPath('corpus', 'nfcapd', name) ?? '';
      let inPlace: Queries;
      let threaded: Queries;

      beforeAll(async () => {
        const store = join(temporaryFolder(), 'store');
        await importIntoFolder(store, [path]);
        inPlace = openQueries(store);
        threaded = openQueries(store, { inPlaceRows: 0, threads: 2 });
      });

      afterAll(async () => {
        await inPlace.close();
        await threaded.close();
      });

      it.each([
        ['srcip', 'bytes', ''],
        ['dstip', 'packets', 'proto tcp'],
        ['ip', 'flows', ''],
        ['port', 'bytes', ''],
        ['dstport', 'flows', 'proto udp'],
        ['proto', 'packets', ''],
        ['srcas', 'bytes', ''],
        ['inif', 'bytes', ''],
        ['tos', 'flows', ''],
      ] as const)('counts by %s, by %s, of "%s" what nfdump counts', async (field, by, filter) => {
        const question = { fields: [field], by, limit: 100_000, filter, everyObservation: true };
        const answer = await inPlace.top(question);
        const theirs = nfdumpTop(path, field, by, filter);
        const ours = answer.rows.map(({ key, flows, packets, bytes }) => [
          key[0] ?? '',
          ...[flows, packets, bytes].map(String),
        ]);
        expect(theirs.length).toBeGreaterThan(0);
        expect(byText(ours)).toEqual(byText(theirs));
        expect(answer.distinct).toBe(theirs.length);
        expect((await threaded.top(question)).rows).toEqual(answer.rows);
      });
    });
  });
});
