/** Pairs of places that speak to each other, as a list beside the globe. */
import type { ReactNode } from 'react';
import { formatBytes, formatCount } from '../../parts/format.ts';
import type { Traffic } from './traffic.ts';
import css from './tracker.module.css';

const SHOWN = 60;

export function PairList({ traffic, children }: { readonly traffic: Traffic; readonly children: ReactNode }) {
  const { arcs, pairsLeftOut } = traffic;
  const largest = arcs.toSorted((a, b) => b.flows - a.flows).slice(0, SHOWN);
  return (
    <div className={css['pairs']} data-testid="pairs">
      {children}
      <p className={css['cardLine']} role="status">
        {formatCount(arcs.length)} {arcs.length === 1 ? 'pair' : 'pairs'} of places drawn
        {pairsLeftOut > 0 && `, ${formatCount(pairsLeftOut)} left out`}
      </p>
      <ul className={css['pairRows']}>
        {largest.map(({ key, from, to, flows, bytes }) => (
          <li key={key} className={css['pair']}>
            <span>
              {from.title} → {to.title}
            </span>
            <span className="mono dim">
              {formatCount(flows)} · {formatBytes(bytes)}
            </span>
          </li>
        ))}
      </ul>
      {arcs.length > SHOWN && (
        <p className={css['cardLine']}>and {arcs.length - SHOWN} pairs with fewer flows</p>
      )}
    </div>
  );
}
