/** What the check of a bundle has found: the verdict first. */
import { Code } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import type { BundleReport } from '../../../core/model/case.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Tag } from '../../parts/Tag.tsx';
import { formatCount, formatStamp, localTime } from '../../parts/format.ts';
import css from './cases.module.css';

export interface BundleFindingsProps {
  readonly report: BundleReport;
  /** The SHA-256 that was written down was given. */
  readonly compared: boolean;
}

export function BundleFindings({ report, compared }: BundleFindingsProps) {
  const { findings, traces } = report;
  const sound = findings.length === 0;
  const Icon = sound ? IconShieldCheck : IconAlertTriangle;
  return (
    <div data-testid="bundle-report">
      <p className={css['verdict']} data-sound={sound} role="status">
        <Icon size={20} aria-hidden />
        <span>
          <strong>{sound ? 'Sound.' : 'Not sound.'}</strong>{' '}
          {!sound
            ? `${formatCount(findings.length)} ${findings.length === 1 ? 'thing is' : 'things are'} wrong with it.`
            : compared
              ? 'It is the file whose SHA-256 was given, and nothing in it contradicts itself.'
              : 'Nothing in it contradicts itself. Whether it is the bundle that was exported, its SHA-256 tells: compare it with the one that was written down.'}
        </span>
      </p>
      {findings.length > 0 && (
        <ul className={css['findings']}>
          {findings.map(({ kind, path, message }) => (
            <li key={`${kind} ${path} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
      {traces.map(({ item, same, message }) => (
        <p key={item} className={css['said']}>
          <Tag tone={same ? 'good' : 'bad'}>{message}</Tag>
        </p>
      ))}
      <Facts
        facts={[
          ['case', report.case],
          ['exported, UTC', formatStamp(report.exportedMs), localTime(report.exportedMs)],
          ['by', report.program],
          ['files', formatCount(report.files)],
          ['steps of its log', formatCount(report.steps)],
          ['last step', report.head],
        ]}
      />
      <div className={css['hashOf']}>
        SHA-256 of the bundle
        <Code block className={css['hash']}>
          {report.sha256}
        </Code>
      </div>
    </div>
  );
}
