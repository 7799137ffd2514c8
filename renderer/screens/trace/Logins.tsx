/** The victim's connections near the time, with when they spoke and when they were silent: one of them is meant. */
import { UnstyledButton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ConnectionView, NearbyLogin } from '../../../core/model/trace-result.ts';
import { core } from '../../link/core.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { EmptyNote, LoadingNote } from '../../parts/Panel.tsx';
import { formatBytes, formatCount, formatSpan, formatStamp } from '../../parts/format.ts';
import { writeParty, type TraceAsked } from '../../state/trace-question.ts';
import { Strip } from './Strip.tsx';
import { sameConnection } from './trace-words.ts';
import css from './trace.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

const SHOWN = 60;

export interface LoginsProps {
  readonly asked: TraceAsked | null;
  readonly target: ConnectionView | undefined;
  /** The peer, and a moment at which its connection was open. */
  readonly onChoose: (peer: string, atMs: number) => void;
}

export function Logins({ asked, target, onChoose }: LoginsProps) {
  const revision = useWorkspace((workspace) => workspace.revision);
  // All of the victim's connections are offered, whichever peer is named at present.
  const question = asked && { ...asked, from: undefined };
  const { data, error } = useQuery({
    queryKey: ['trace.logins', question],
    enabled: question !== null && revision !== undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      if (!asked) throw new Error('nothing was asked');
      const { from: _, ...rest } = asked;
      return core.call('trace.logins', { ...rest, limit: SHOWN }, { signal });
    },
  });
  if (!asked) return null;
  const found = data?.connections ?? [];
  return (
    <section aria-label="Matching connections" className={css['logins']}>
      <header className={css['loginsHead']}>
        <h2>Matching connections</h2>
        {data && (
          <span className="dim">
            {found.length < data.total
              ? `nearest ${found.length} of ${formatCount(data.total)}`
              : formatCount(data.total)}
          </span>
        )}
      </header>
      {error ? (
        <EmptyNote title="No connection can be listed." />
      ) : !data ? (
        <LoadingNote lines={4} />
      ) : found.length === 0 ? (
        <EmptyNote title="No connection to this victim is near.">
          Widen ± min, or take the port or the site out.
        </EmptyNote>
      ) : (
        <ul className={css['loginList']}>
          {found.map((login, i) => (
            <li key={`${formatEndpoint(login.source, login.sourcePort)}-${login.startMs}-${i}`}>
              <LoginCard
                login={login}
                atMs={asked.at}
                isTarget={target ? sameConnection(target, login) : isPeer(login, asked)}
                onChoose={onChoose}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Where no trace says which login it took: the one that was named. */
const isPeer = ({ source, sourcePort }: ConnectionView, { from }: TraceAsked): boolean =>
  from?.address === source && from.port === sourcePort;

interface LoginCardProps {
  readonly login: NearbyLogin;
  readonly atMs: number;
  readonly isTarget: boolean;
  readonly onChoose: LoginsProps['onChoose'];
}

function LoginCard({ login, atMs, isTarget, onChoose }: LoginCardProps) {
  const { source, sourcePort, destination, destinationPort, startMs, endMs } = login;
  const isOpen = startMs <= atMs && atMs <= endMs;
  const choose = () => {
    const peer = writeParty({ address: source, port: sourcePort });
    onChoose(peer, isOpen ? atMs : Math.round((startMs + endMs) / 2));
  };
  return (
    <UnstyledButton
      className={css['login']}
      data-target={isTarget}
      aria-pressed={isTarget}
      onClick={choose}
      title={`${formatStamp(startMs)} to ${formatStamp(endMs)} UTC`}
    >
      <span className={css['loginName']}>
        {formatEndpoint(source, sourcePort)}
        <br />
        <span className="dim">→ {formatEndpoint(destination, destinationPort)}</span>
      </span>
      <span className={css['loginFacts']}>
        {formatSpan(endMs - startMs)} · {formatCount(login.records)} records · {formatBytes(login.bytes)}
        {!isOpen && (startMs > atMs ? ' · opened later' : ' · closed before')}
        {login.destinationSite !== undefined && ` · ${login.destinationSite}`}
      </span>
      <Strip
        activity={login.activity}
        fromMs={startMs}
        toMs={endMs}
        tone={isTarget ? 'target' : 'quiet'}
        height={9}
      />
    </UnstyledButton>
  );
}
