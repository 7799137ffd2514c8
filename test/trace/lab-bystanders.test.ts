/** Every other login of the recordings, asked about as if it were the attack: none may be given a past that it lacks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { Store } from '../../core/store/store.ts';
import { ApiError } from '../../core/model/api-error.ts';
import { epochMs } from '../../core/model/time.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { exactCases, stockCase } from '../build/lab-case.ts';
import { describeShared, sharedPath, temporaryFolder } from '../support.ts';

interface Bystander {
  readonly kind: string;
  readonly start?: number;
  readonly end?: number;
  readonly views: readonly {
    readonly tuple: {
      readonly src: string;
      readonly sport: number;
      readonly dst: string;
      readonly dport: number;
    };
    readonly exporters: readonly string[];
  }[];
}

describeShared('logins that nobody relayed', () => {
  describe.each([...exactCases, stockCase])('in %s', (name) => {
    const folder = temporaryFolder();
    const lab = sharedPath('lab', name) ?? '';

    beforeAll(async () => {
      const { files } = await importIntoFolder(folder, [join(lab, 'export.pcap')]);
      expect(files.map(({ outcome }) => outcome)).toEqual(['added']);
    });

    it('are traced to themselves', () => {
      const truth = JSON.parse(readFileSync(join(lab, 'truth.json'), 'utf8')) as {
        other_sessions: Bystander[];
      };
      using store = Store.open(folder, { create: false });
      const batches = [...store.scan({})];
      const invented: string[] = [];
      let asked = 0;
      let refused = 0;
      for (const { kind, start, end, views } of truth.other_sessions) {
        const tuple = views.findLast(({ exporters }) => exporters.length > 0)?.tuple;
        if (!tuple || start === undefined || end === undefined) continue;
        const at = epochMs(((start + end) / 2) * 1000);
        const question = {
          victim: { address: tuple.dst, port: tuple.dport },
          from: { address: tuple.src, port: tuple.sport },
          at,
        };
        try {
          const [best] = traceBack(batches, question).paths;
          asked++;
          if (best?.hops.length !== 1)
            invented.push(`${kind} ${tuple.src}:${tuple.sport} > ${tuple.dst}:${tuple.dport}`);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          refused++;
        }
      }
      expect(invented).toEqual([]);
      expect(asked).toBeGreaterThan(8);
      // One file copy of d_lossy has no record in the middle of its life.
      expect(refused).toBeLessThanOrEqual(name === 'd_lossy' ? 1 : 0);
    }, 60_000);
  });
});
