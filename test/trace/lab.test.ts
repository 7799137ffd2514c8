/** Recorded attacks, imported and traced as a person would: the answer must be the truth, the whole of it and no more. */
import { beforeAll, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { DEFAULT_WITHIN, traceStore } from '../../core/app/trace/store.ts';
import type { Question } from '../../core/model/trace-question.ts';
import type { Hop, TraceResult } from '../../core/model/trace-result.ts';
import { exactCases, loadLabCase, stockCase, type LabCase } from '../build/lab-case.ts';
import { describeShared, sharedPath, temporaryFolder } from '../support.ts';

/** Three logins to the victim were open at the time: only `from` tells which is meant. */
const needsPeer = 'b_3ss_v9_40bg';

type Input = 'capture' | 'nfcapd';

function loadCase(name: string): LabCase {
  const folder = sharedPath('lab', name);
  if (folder === undefined) throw new Error(`the recording ${name} is missing`);
  return loadLabCase(folder);
}

const logins = (result: TraceResult): Hop[] =>
  (result.paths[0]?.hops ?? []).filter(({ kind }) => kind === 'login');

const describeHop = (lab: LabCase, hop: Hop): string[] => hop.connections.map(lab.describe).sort();

function expectTruth(lab: LabCase, result: TraceResult): void {
  const hops = logins(result);
  const found = hops.map((hop) => describeHop(lab, hop));
  expect(found).toEqual(lab.chain.map(({ seen }) => seen.toSorted((a, b) => (a < b ? -1 : 1))));
  expect(result.paths[0]?.hops.every(({ kind }) => kind === 'login')).toBe(true);
  const first = hops[0];
  expect(lab.describeHost(first?.from ?? '', first?.fromSite)).toBe(lab.chain[0]?.origin);
  const truth = new Set(lab.chain.flatMap(({ views }) => [...views]));
  const named = result.candidates.filter(({ verdict }) => verdict === 'path' || verdict === 'twin');
  expect(named.map(({ connection }) => lab.describe(connection)).filter((view) => !truth.has(view))).toEqual(
    [],
  );
}

describeShared('tracing the recorded attacks', () => {
  describe.each(['capture', 'nfcapd'] satisfies Input[])('imported from the %s', (input) => {
    describe.each(exactCases)('%s', (name) => {
      const folder = temporaryFolder();
      const lab = loadCase(name);
      const trace = (question: Question): TraceResult =>
        traceStore(folder, { ...question, within: DEFAULT_WITHIN });
      const { victim, at, from } = lab.question;

      beforeAll(async () => {
        const { files } = await importIntoFolder(folder, [lab[input]]);
        expect(files.every(({ outcome }) => outcome === 'added')).toBe(true);
      });

      it('names the true chain, every view of it and nothing else', () => {
        expectTruth(lab, trace({ victim, at, from }));
      });

      it('needs no port of the peer', () => {
        expectTruth(lab, trace({ victim, at, from: { address: from.address } }));
      });

      it.each(lab.victimSites.slice(0, 1))('finds the same when the site %s is named', (site) => {
        expectTruth(lab, trace({ victim, at, from, site }));
      });

      if (name === needsPeer) {
        it('without the peer follows one login and names the others that were open', () => {
          const { notes } = trace({ victim, at });
          expect(notes.join(' ')).toMatch(
            /2 other connections were open to the victim then, from 87\.138\.92\.20:22875, /,
          );
        });
      } else {
        it('needs no peer', () => {
          expectTruth(lab, trace({ victim, at }));
        });
      }
    });

    it('claims no false hop where a stock softflowd exports late and in part', async () => {
      const folder = temporaryFolder();
      const lab = loadCase(stockCase);
      await importIntoFolder(folder, [lab[input]]);
      const result = traceStore(folder, { ...lab.question, within: DEFAULT_WITHIN });
      const hops = logins(result).map((hop) => describeHop(lab, hop));
      expect(hops.length).toBeGreaterThan(0);
      for (const views of hops) {
        expect(lab.chain.some((login) => views.every((view) => login.views.has(view)))).toBe(true);
      }
      const last = lab.chain.at(-1);
      expect(hops.at(-1)?.every((view) => last?.views.has(view))).toBe(true);
      expect(result.notes.join(' ')).toMatch(
        /evidence ends at 177\.34\.210\.9, .* an exporter at that site would show who is behind it/,
      );
    });
  });
});
