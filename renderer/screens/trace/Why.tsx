/** Why this verdict: the terms of one pair's score, what was subtracted and why, and what they add up to. */
import { CloseButton } from '@mantine/core';
import { useEffect } from 'react';
import type { ExplainedLogin, TraceExplanation } from '../../../core/model/trace-explanation.ts';
import { Facts, type Fact } from '../../parts/Facts.tsx';
import { ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { formatSpan } from '../../parts/format.ts';
import { changeExtra } from '../../state/view.ts';
import { connectionText, lagText, natsText } from './trace-words.ts';
import type { Explained } from './use-trace.ts';
import css from './trace.module.css';

const termNames: Readonly<Record<TraceExplanation['terms'][number]['what'], string>> = {
  matched: 'Boundaries that recur',
  unmatched: 'Boundaries upstream alone',
  missing: 'Price of what is expected',
  doubtful: 'Doubtful boundaries',
  contained: 'Silences within silences',
  broken: 'Silences that are broken',
  settings: 'Settings tried',
  'lag-search': 'Lag searched',
  'wrong-lag': 'Best wrong lag',
  rhythm: 'A common rhythm',
  sampling: 'Sampling',
  'inferred-hop': 'Inferred hop',
  surrogates: 'Surrogates',
};

const readings: Readonly<Record<TraceExplanation['reading'], string>> = {
  boundaries: 'starts and ends of silences recur',
  'chaff-upstream': 'silences upstream lie within those downstream (chaff upstream)',
  'chaff-downstream': 'silences downstream lie within those upstream (chaff downstream)',
};

const close = () => changeExtra({ why: undefined });

export function Why({ explained }: { readonly explained: Explained | undefined }) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) close();
    };
    globalThis.addEventListener('keydown', onKeyDown);
    return () => globalThis.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <aside className={css['why']} aria-label="Why this verdict" data-testid="why">
      <header className={css['whyHead']}>
        <h2>Why this verdict?</h2>
        <CloseButton aria-label="Close" title="Close (Esc)" onClick={close} />
      </header>
      {explained?.error ? (
        <ErrorNote error={explained.error} />
      ) : !explained?.explanation ? (
        <LoadingNote lines={10} />
      ) : (
        <Explanation explanation={explained.explanation} />
      )}
    </aside>
  );
}

function Explanation({ explanation }: { readonly explanation: TraceExplanation }) {
  const { upstream, downstream, terms, totalNats, neededNats, potentialNats, lagMs, reading } = explanation;
  const given = terms.filter(({ nats }) => nats > 0).reduce((sum, { nats }) => sum + nats, 0);
  const largest = Math.max(1, ...terms.map(({ nats }) => Math.abs(nats)));
  return (
    <>
      <p className={css['conclusion']}>{explanation.conclusion}</p>
      <p className={css['pair']}>
        <span>{connectionText(upstream.principal)}</span>
        <span className="dim">carried {connectionText(downstream.principal)}?</span>
      </p>
      <table className={css['terms']}>
        <caption className="visually-hidden">Terms of the score, in nats</caption>
        <thead>
          <tr>
            <th scope="col">Term</th>
            <th scope="col" className="number">
              nats
            </th>
          </tr>
        </thead>
        <tbody>
          {terms.map(({ what, nats, sentence }) => (
            <tr key={what} data-testid="term">
              <th scope="row">
                {termNames[what]}
                <span className={css['termBar']} aria-hidden>
                  <i
                    data-sign={nats < 0 ? 'minus' : 'plus'}
                    style={{ width: `${(100 * Math.abs(nats)) / largest}%` }}
                  />
                </span>
                <span className={css['termWhy']}>{sentence}</span>
              </th>
              <td>{nats === 0 ? '0.0' : natsText(nats)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              Score{' '}
              <span className="dim">
                ({natsText(given)} for, {natsText(totalNats - given)} against)
              </span>
            </th>
            <td data-testid="total-nats">{natsText(totalNats)}</td>
          </tr>
          <tr>
            <th scope="row" className="dim">
              needed to convince
            </th>
            <td className="dim">{natsText(neededNats)}</td>
          </tr>
          <tr>
            <th scope="row" className="dim">
              a perfect copy would score
            </th>
            <td className="dim">{natsText(potentialNats)}</td>
          </tr>
        </tfoot>
      </table>
      <Facts
        facts={[
          ['read as', readings[reading]],
          ['lag', `${lagText(lagMs)} s, from the downstream time to the upstream one`],
          ['silences compared', `longer than ${formatSpan(explanation.thresholdMs)}, both idle timeouts`],
          ['CPF', `${explanation.cpf.toFixed(2)} (published method; it decides nothing here)`],
        ]}
      />
      <LoginFacts title="Upstream login" login={upstream} />
      <LoginFacts title="Downstream login" login={downstream} />
    </>
  );
}

function LoginFacts({ title, login }: { readonly title: string; readonly login: ExplainedLogin }) {
  const { views, boundaries, inactiveTimeoutMs, timingErrorMs, samplingInterval, lossyWindows } = login;
  const doubtful = boundaries.filter((one) => one.doubtful !== null).length;
  return (
    <>
      <h3 className={css['whySection']}>{title}</h3>
      <Facts
        facts={[
          ...views.map(
            (view, i) =>
              [`view ${i + 1}`, `${connectionText(view)}, by ${view.exporters.join(', ')}`] satisfies Fact,
          ),
          ['boundaries', `${boundaries.length}, ${doubtful} of them doubtful`],
          ['idle timeout', `about ${formatSpan(inactiveTimeoutMs)}`],
          ['times err by', formatSpan(timingErrorMs)],
          ['lossy windows', String(lossyWindows.length / 2)],
          ...(samplingInterval > 1 ? [['sampling', `1 packet in ${samplingInterval}`] satisfies Fact] : []),
        ]}
      />
    </>
  );
}
