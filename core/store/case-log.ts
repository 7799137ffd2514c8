/** The log of a case: steps of which each holds the hash of the one before, so that none can be changed unnoticed. */
import { createHash } from 'node:crypto';
import { NO_STEP, stepText, type CaseStep, type StepParameters } from '../model/case.ts';
import type { Database, SqlRow } from './database.ts';

export const sha256Of = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** The hash that a step must have. */
const hashOfStep = (step: Omit<CaseStep, 'hash'>): string => sha256Of(stepText(step));

/** Puts a step at the end of a case's log, on disk before it returns. */
export function appendStep(
  database: Database,
  id: string,
  action: string,
  parameters: StepParameters,
): CaseStep {
  return database.transaction(() => {
    const last = lastStep(database, id);
    const text = JSON.stringify(parameters);
    const step = {
      sequence: (last?.sequence ?? 0) + 1,
      timeMs: Date.now(),
      action,
      parameters: JSON.parse(text) as StepParameters,
      previous: last?.hash ?? NO_STEP,
    };
    const hash = hashOfStep(step);
    const { sequence, timeMs, previous } = step;
    database.run(
      'INSERT INTO steps (caseId, sequence, time, action, parameters, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
      id,
      sequence,
      timeMs,
      action,
      text,
      previous,
      hash,
    );
    return { ...step, hash };
  });
}

/** Steps from the given one (1 is the first), in their order; a negative limit is none. */
export function readSteps(database: Database, id: string, from: number, limit: number): CaseStep[] {
  return database
    .all('SELECT * FROM steps WHERE caseId = ? AND sequence >= ? ORDER BY sequence LIMIT ?', id, from, limit)
    .map(readStep);
}

export function lastStep(database: Database, id: string): CaseStep | undefined {
  const row = database.get('SELECT * FROM steps WHERE caseId = ? ORDER BY sequence DESC LIMIT 1', id);
  return row && readStep(row);
}

const readStep = (row: SqlRow): CaseStep => ({
  sequence: Number(row['sequence']),
  timeMs: Number(row['time']),
  action: String(row['action']),
  parameters: JSON.parse(String(row['parameters'])) as StepParameters,
  previous: String(row['previous']),
  hash: String(row['hash']),
});

/** The sequence of the first step that does not follow from the one before; undefined where the chain is whole. */
export function firstBrokenStep(steps: Iterable<CaseStep>): number | undefined {
  let previous = NO_STEP;
  let sequence = 1;
  for (const step of steps) {
    if (step.sequence !== sequence || step.previous !== previous || step.hash !== hashOfStep(step))
      return sequence;
    previous = step.hash;
    sequence++;
  }
  return undefined;
}
