/** What the commands on cases print. */
import type { BundleReport, CaseInfo, CaseItem, CaseStep } from '../model/case.ts';
import { epochMs, formatTime } from '../model/time.ts';
import { formatTable } from './table.ts';

const when = (ms: number): string => formatTime(epochMs(ms));

export const listText = (cases: readonly CaseInfo[], opened: string | undefined): string =>
  formatTable(
    [
      { title: '' },
      { title: 'case' },
      { title: 'opened' },
      { title: 'items', align: 'right' },
      { title: 'steps', align: 'right' },
      { title: 'id' },
    ],
    cases.map(({ id, name, openedMs, closedMs, items, steps }) => [
      id === opened ? 'open' : closedMs === null ? '' : 'closed',
      name,
      when(openedMs),
      String(items),
      String(steps),
      id,
    ]),
  );

export function showText(info: CaseInfo, items: readonly CaseItem[], log: readonly CaseStep[]): string {
  const said = [info.reference, info.examiner].filter((text) => text !== '').join(', ');
  const lines = [`${info.name}${said === '' ? '' : `, ${said}`} (${info.id})`, ''];
  for (const { id, kind, title, note, withdrawn } of items) {
    lines.push(`${String(id).padStart(5)}  ${kind.padEnd(10)}  ${title}`);
    if (withdrawn !== null) lines.push(`       withdrawn: ${withdrawn}`);
    else if (note !== '' && note !== title) lines.push(`       ${note.replaceAll('\n', '\n       ')}`);
  }
  lines.push('', 'Log:');
  for (const { sequence, timeMs, action, hash } of log) {
    lines.push(
      `${String(sequence).padStart(5)}  ${when(timeMs)}  ${action.padEnd(18)}  ${hash.slice(0, 16)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export function verifyText(report: BundleReport, compared: boolean): string {
  const { findings, traces } = report;
  const lines = [
    `${report.case}, exported ${when(report.exportedMs)} by ${report.program}`,
    `SHA-256 ${report.sha256}`,
    `${report.files} files, ${report.steps} steps of the log, the last ${report.head}`,
    ...traces.map(({ message }) => message),
    ...findings.map(({ message }) => `NOT SOUND: ${message}`),
  ];
  if (findings.length === 0) {
    lines.push(
      compared
        ? 'Sound: it is the file whose SHA-256 was given, and nothing in it contradicts itself.'
        : 'Sound in itself. Whether it is the bundle that was exported, its SHA-256 tells: compare it with the one noted then (--sha256).',
    );
  }
  return `${lines.join('\n')}\n`;
}
