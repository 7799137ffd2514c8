/** What could not be decoded: the latest faults with their bytes, and what each source has of them. */
import { UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { core } from '../../link/core.ts';
import { EmptyNote, Panel } from '../../parts/Panel.tsx';
import { formatClock, formatCount } from '../../parts/format.ts';
import type { SourceInfo } from '../../../core/wire/contract-workspace.ts';
import { hexLines } from './hex.ts';
import { sumOf } from './Verdicts.tsx';
import type { Health } from './use-health.ts';
import css from './health.module.css';

const EACH_MS = 3000;

export function Faults({ health: { collector, sources } }: { readonly health: Health }) {
  const { data } = useQuery({
    queryKey: ['collect.issues', collector !== null],
    enabled: collector !== null,
    refetchInterval: EACH_MS,
    queryFn: async ({ signal }) => core.call('collect.issues', {}, { signal }),
  });
  const [opened, setOpened] = useState<string>();
  const live = collector ? (data?.issues ?? []) : [];
  const faulty = sources.filter(
    (source) => sumOf(source.issues) + sumOf(source.skipped) > 0 || source.brokeAt !== null,
  );
  const count = collector ? sumOf(collector.issues) : 0;
  return (
    <Panel
      title="Decode issues"
      scrolls
      tools={
        <span>
          {collector ? `${formatCount(count)} live · ` : ''}
          {faulty.length} of {sources.length} sources
        </span>
      }
    >
      {live.length + faulty.length === 0 ? (
        <EmptyNote title="Every byte was understood.">
          {sources.length === 0 ? 'Nothing was imported or collected yet.' : undefined}
        </EmptyNote>
      ) : (
        <>
          <ul className={css['faults']}>
            {live.map(({ code, message, address, received, octets }, i) => {
              const key = `${received} ${i}`;
              const isOpen = opened === key;
              return (
                <li key={key}>
                  <UnstyledButton
                    className={css['fault']}
                    aria-expanded={isOpen}
                    onClick={() => setOpened(isOpen ? undefined : key)}
                  >
                    <span className={css['code']}>{code}</span>
                    <span className="mono">{address}</span> {message}{' '}
                    <span className="dim">{formatClock(received)}</span>
                  </UnstyledButton>
                  {isOpen && <Hex octets={octets} />}
                </li>
              );
            })}
          </ul>
          {faulty.length > 0 && <Sources sources={faulty} />}
        </>
      )}
    </Panel>
  );
}

function Hex({ octets }: { readonly octets: Uint8Array }) {
  const { lines, left } = hexLines(octets);
  return (
    <pre className={css['hex']} tabIndex={0} aria-label={`The datagram, ${octets.length} bytes`}>
      {lines.join('\n')}
      {left > 0 && `\n… and ${formatCount(left)} bytes more`}
    </pre>
  );
}

function Sources({ sources }: { readonly sources: readonly SourceInfo[] }) {
  return (
    <table className={css['plain']}>
      <caption className="visually-hidden">Sources with issues</caption>
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col">What was not understood or left out</th>
        </tr>
      </thead>
      <tbody>
        {sources.map(({ id, name, issues, skipped, brokeAt }) => (
          <tr key={id}>
            <td className="mono" title={name}>
              {name.split(/[\\/]/).slice(-2).join('/')}
            </td>
            <td>
              {brokeAt !== null && (
                <span className={css['bad']}>breaks off at byte {formatCount(brokeAt)} </span>
              )}
              {[
                ...Object.entries(issues).map(
                  ([code, count]) => `${formatCount(count)} × ${code.replaceAll('-', ' ')}`,
                ),
                ...Object.entries(skipped).map(
                  ([what, count]) => `${formatCount(count)} ${what.replaceAll('-', ' ')} left out`,
                ),
              ].join(' · ')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
