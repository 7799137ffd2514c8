import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReportScheduler, reportFileName } from '../../core/app/report/schedule.ts';
import { temporaryFolder } from '../support.ts';

function scheduler(at: string, fails = false) {
  const folder = temporaryFolder();
  const clock = { now: Date.parse(at) };
  const made: string[] = [];
  const failed: string[] = [];
  const reports = new ReportScheduler({
    folder,
    now: () => clock.now,
    make: (month, out) => {
      if (fails) return Promise.reject(new Error('the disk is full'));
      writeFileSync(out, month);
      return Promise.resolve();
    },
    onMade: (month) => made.push(month),
    onFailed: (month) => failed.push(month),
  });
  return { folder, clock, made, failed, look: () => reports.look() };
}

describe('reports on the first of each month', () => {
  it('makes that of last month at the start where it is missing, and once', async () => {
    const { look, made } = scheduler('2026-11-21T10:00:00Z');
    await look();
    await look();
    expect(made).toEqual(['2026-10']);
  });

  it('leaves a report that is there', async () => {
    const { look, made, folder } = scheduler('2026-11-21T10:00:00Z');
    writeFileSync(join(folder, reportFileName('2026-10')), 'a report that a person has signed');
    await look();
    expect(made).toEqual([]);
  });

  it('makes the next one when the month is over and its last flows had time to be stored', async () => {
    const { look, made, clock } = scheduler('2026-12-31T23:59:00Z');
    await look();
    clock.now = Date.parse('2027-01-01T00:05:00Z');
    await look();
    expect(made).toEqual(['2026-11']);
    clock.now = Date.parse('2027-01-01T00:11:00Z');
    await look();
    expect(made).toEqual(['2026-11', '2026-12']);
  });

  it('makes those of all months that it missed while the machine was off, behind the latest that is there', async () => {
    const { look, made, folder } = scheduler('2027-02-03T08:00:00Z');
    writeFileSync(join(folder, reportFileName('2026-09')), 'the last before the summer');
    writeFileSync(join(folder, 'backtrail-2026-13.pdf'), 'of no month');
    await look();
    expect(made).toEqual(['2026-10', '2026-11', '2026-12', '2027-01']);
    await look();
    expect(made).toHaveLength(4);
  });

  it('catches up on two years at most', async () => {
    const { look, made, folder } = scheduler('2026-11-21T10:00:00Z');
    writeFileSync(join(folder, reportFileName('1990-01')), 'from a machine without a clock');
    await look();
    expect(made).toHaveLength(24);
    expect(made.at(0)).toBe('2024-11');
    expect(made.at(-1)).toBe('2026-10');
  });

  it('gives up a report that is being made where it is stopped, and says of no failure', async () => {
    const failed: string[] = [];
    const reports = new ReportScheduler({
      folder: temporaryFolder(),
      now: () => Date.parse('2026-11-21T10:00:00Z'),
      make: (_month, _out, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('it was given up'))),
        ),
      onMade: () => undefined,
      onFailed: (month) => failed.push(month),
    });
    const looked = reports.look();
    await reports.stop();
    await looked;
    expect(failed).toEqual([]);
  });

  it('tries again an hour after a failure, and not every minute', async () => {
    const { look, failed, clock } = scheduler('2026-11-01T12:00:00Z', true);
    await look();
    clock.now += 60_000;
    await look();
    expect(failed).toEqual(['2026-10']);
    clock.now += 3600_000;
    await look();
    expect(failed).toEqual(['2026-10', '2026-10']);
  });
});
