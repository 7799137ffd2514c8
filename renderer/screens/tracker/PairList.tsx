/** Pairs of places that speak to each other, as a list beside the globe: a row and its arc are chosen together. */
import { UnstyledButton } from '@mantine/core';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { formatBytes, formatCount } from '../../parts/format.ts';
import type { Traffic } from './traffic.ts';
import css from './tracker.module.css';

const SHOWN = 60;

export interface ChosenPair {
  readonly key: string | undefined;
  /** Chooses it, or no longer where it was. */
  readonly choose: (key: string) => void;
}

export function useChosenPair(): ChosenPair {
  const [key, setKey] = useState<string>();
  return useMemo(
    () => ({ key, choose: (next) => setKey((before) => (before === next ? undefined : next)) }),
    [key],
  );
}

export interface PairListProps {
  readonly traffic: Traffic;
  readonly chosen: ChosenPair;
  readonly children: ReactNode;
}

export function PairList({ traffic, chosen, children }: PairListProps) {
  const { arcs, pairsLeftOut } = traffic;
  const largest = arcs.toSorted((a, b) => b.flows - a.flows).slice(0, SHOWN);
  const other = arcs.find(({ key }) => key === chosen.key && !largest.some((arc) => arc.key === key));
  useEffect(() => {
    if (chosen.key !== undefined)
      document.querySelector('[data-pair][aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen.key]);
  return (
    <div className={css['pairs']} data-testid="pairs">
      {children}
      <p className={css['cardLine']} role="status">
        {formatCount(arcs.length)} {arcs.length === 1 ? 'pair' : 'pairs'} of places drawn
        {pairsLeftOut > 0 && `, ${formatCount(pairsLeftOut)} left out`}
      </p>
      <ul className={css['pairRows']}>
        {[...(other ? [other] : []), ...largest].map(({ key, from, to, flows, bytes }) => (
          <li key={key}>
            <UnstyledButton
              className={css['pair']}
              data-pair={key}
              aria-pressed={key === chosen.key}
              onClick={() => chosen.choose(key)}
            >
              <span>
                {from.title} → {to.title}
              </span>
              <span className="mono dim">
                {formatCount(flows)} · {formatBytes(bytes)}
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {arcs.length > SHOWN && (
        <p className={css['cardLine']}>and {arcs.length - SHOWN} pairs with fewer flows</p>
      )}
    </div>
  );
}
