import { expect, it } from 'vitest';
import { fuzzArchive, fuzzKinds } from '../fuzz/archive.ts';

it.each(fuzzKinds)('a thousand mutants of %s are read or refused, without a fault', (kind) => {
  const { faults, refused, withIssues, clean } = fuzzArchive(kind, 1_000, 20_261_121);
  expect(faults).toEqual([]);
  expect(refused + withIssues + clean).toBe(1_000);
  expect(withIssues).toBeGreaterThan(100);
});
