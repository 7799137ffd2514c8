/** The reports of each month that the desktop makes by itself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lastMonth } from '../../core/app/report/month.ts';
import { reportFileName } from '../../core/app/report/schedule.ts';
import { Store } from '../../core/store/store.ts';
import { MonthlyReports } from '../../electron/monthly-reports.ts';
import { temporaryFolder } from '../support.ts';

const begun: MonthlyReports[] = [];

afterEach(async () => {
  for (const reports of begun.splice(0)) await reports.stop();
});

interface Said {
  readonly sentence: string;
  readonly trouble: boolean;
}

function begin(path: string): { reports: MonthlyReports; said: () => Promise<Said> } {
  const sentences: Said[] = [];
  let wake = (): void => undefined;
  const reports = new MonthlyReports(path, (sentence, trouble) => {
    sentences.push({ sentence, trouble });
    wake();
  });
  begun.push(reports);
  const said = async (): Promise<Said> => {
    for (;;) {
      const next = sentences.shift();
      if (next) return next;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { reports, said };
}

function emptyStore(): string {
  const folder = join(temporaryFolder(), 'store');
  Store.open(folder, { create: true }).close();
  return folder;
}

describe('the reports of each month', () => {
  it('are made where they were asked for, also after the next start, until they are no longer wanted', async () => {
    const path = join(temporaryFolder(), 'reports.json');
    const folder = temporaryFolder();
    const first = begin(path);
    expect(first.reports.folder).toBeUndefined();
    await first.reports.choose({ store: emptyStore(), folder });
    const { sentence, trouble } = await first.said();
    expect(sentence).toMatch(/^The report on \d{4}-\d{2} was written to /);
    expect(trouble).toBe(false);
    const made = join(folder, reportFileName(lastMonth(Date.now())));
    expect(readFileSync(made).toString('latin1', 0, 5)).toBe('%PDF-');
    expect(existsSync(join(made.slice(0, -'.pdf'.length), 'report.json'))).toBe(true);
    await first.reports.stop();
    const second = begin(path);
    expect(second.reports.folder).toBe(folder);
    await second.reports.choose(undefined);
    expect(begin(path).reports.folder).toBeUndefined();
  }, 60_000);

  it('are told of where they cannot be made', async () => {
    const { reports, said } = begin(join(temporaryFolder(), 'reports.json'));
    await reports.choose({ store: join(temporaryFolder(), 'nowhere'), folder: temporaryFolder() });
    expect(await said()).toMatchObject({
      sentence: expect.stringContaining('is tried again in an hour') as string,
      trouble: true,
    });
  }, 60_000);

  it.each(['', 'nonsense', '[]', 'null', '{"store":1,"folder":2}', '{"store":"../x","folder":"y"}'])(
    'are none where the file says %j',
    (text) => {
      const path = join(temporaryFolder(), 'reports.json');
      writeFileSync(path, text);
      expect(begin(path).reports.folder).toBeUndefined();
    },
  );
});
