import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadElements } from '../../core/app/resources.ts';
import { readArchive } from '../../core/archive/archive.ts';
import { memorySource } from '../../core/archive/byte-cursor.ts';
import { ApiError } from '../../core/model/api-error.ts';
import type { FlowBatch } from '../../core/model/flow-batch.ts';
import { ImportSession } from '../../core/store/import-session.ts';
import { Store } from '../../core/store/store.ts';
import { describeRows } from '../build/flow-chunks.ts';
import { describeShared, sharedPath, temporaryFolder } from '../support.ts';

const ROWS_AT_MOST = 30_000;

/** Rows as sorted text; NaN, which JSON does not know, is told apart from null. */
function asText(batches: Iterable<FlowBatch>): string[] {
  const rows = [...batches].flatMap((batch) => describeRows(batch));
  return rows
    .map((row) => JSON.stringify(row, (_, value: unknown) => (Number.isNaN(value) ? 'NaN' : value)))
    .sort();
}

describeShared('exports of real routers and probes', () => {
  it.each(['netflow5', 'netflow9', 'ipfix', 'nfcapd'])(
    'of the kind %s come out as they went in',
    (kind) => {
      using store = Store.open(join(temporaryFolder(), 'store'), { create: true });
      const folder = sharedPath('corpus', kind) ?? '';
      const before: FlowBatch[] = [];
      let rows = 0;
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(pcap|dat|nfcapd)$/.test(name),
      );
      for (const name of names.sort()) {
        const begun = store.beginImport(
          { name, sha256: name, bytes: 0, decoder: '1' },
          { fallbackSite: kind },
        );
        if (!(begun instanceof ImportSession)) throw new Error(`${name} twice`);
        using session = begun;
        try {
          const chunks = readArchive(memorySource(readFileSync(join(folder, name))), {
            elements: loadElements(),
            batchRows: 1000,
          });
          let ordinal = 0;
          for (const chunk of chunks) {
            before.push(chunk.batch);
            rows += chunk.batch.count;
            session.add(ordinal++, chunk);
            if (rows > ROWS_AT_MOST) break;
          }
        } catch (error) {
          // Kinds and compressions that are not read yet.
          if (!(error instanceof ApiError)) throw error;
        }
        if (rows > ROWS_AT_MOST) break;
      }
      expect(rows).toBeGreaterThan(1000);
      const damages: string[] = [];
      expect(asText(store.scan({ onDamage: (damage) => damages.push(damage.message) }))).toEqual(
        asText(before),
      );
      expect(damages).toEqual([]);
    },
    60_000,
  );
});
