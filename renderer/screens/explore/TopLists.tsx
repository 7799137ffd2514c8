/** Who and what leads, by the measure that is chosen: a click narrows the filter to it, with Alt it is excluded. */
import { UnstyledButton } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useCall } from '../../link/use-call.ts';
import { AnswerBadges } from '../../parts/AnswerBadges.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { formatBytes, formatCount, formatMeasure, formatShort, formatSpan } from '../../parts/format.ts';
import { showError } from '../../parts/notify.ts';
import { withTerm } from '../../state/filter-terms.ts';
import { useSelection } from '../../state/selection.ts';
import { changeView, useView } from '../../state/view.ts';
import { useStoredRange } from '../../link/workspace.ts';
import {
  asField,
  destinationAsField,
  destinationCountryField,
  destinationField,
  exporterField,
  protocolField,
  serviceField,
  siteField,
  sourceCountryField,
  sourceField,
  type CountedField,
} from './fields.ts';
import { filterCountry } from '../tracker/filter-country.ts';
import css from './explore.module.css';

const lists: readonly CountedField[] = [
  sourceField,
  destinationField,
  serviceField,
  protocolField,
  exporterField,
  siteField,
  sourceCountryField,
  destinationCountryField,
  asField,
  destinationAsField,
];
const SHOWN = 6;

export function TopLists() {
  const isEmpty = useStoredRange() === null;
  const totals = useTotals();
  const total = totals.data?.total.flows;
  if (isEmpty) {
    return (
      <aside className={css['side']} aria-label="Top lists">
        <EmptyNote title="Nothing to count yet.">
          Who sent and received most stands here: addresses, ports, exporters, countries.
        </EmptyNote>
      </aside>
    );
  }
  return (
    <aside className={css['side']} aria-label="Top lists">
      <Totals {...totals} />
      {total === 0 && !totals.isStale ? (
        <p className={css['sideHint']}>No flow matches the filter in the time that is chosen.</p>
      ) : (
        <>
          {lists.map((counted) => (
            <TopList key={counted.field} counted={counted} />
          ))}
          <p className={css['sideHint']}>
            Click narrows the filter to a value; <KeyHint keys={['Alt']} /> with a click excludes it.
          </p>
        </>
      )}
    </aside>
  );
}

/** What the filter and the range select: the question of the first list has the totals too. */
function useTotals() {
  const selection = useSelection();
  const stored = useStoredRange();
  const measure = useView((view) => view.measure);
  return useCall(
    'query.top',
    { ...selection, fields: [sourceField.field], by: measure, limit: SHOWN },
    { enabled: stored !== null },
  );
}

function Totals({ data, tookMs }: Pick<ReturnType<typeof useTotals>, 'data' | 'tookMs'>) {
  if (!data) return null;
  const { flows, bytes, packets } = data.total;
  return (
    <div className={css['totals']} data-testid="totals" aria-live="polite">
      <span>
        <b>{formatCount(flows)}</b> flows · <b>{formatBytes(bytes)}</b> · <b>{formatShort(packets)}</b>{' '}
        packets
      </span>
      <span className={css['totalsNote']}>
        <AnswerBadges notes={data} />
        {tookMs !== undefined && <span>answered in {formatSpan(Math.max(1, tookMs))}</span>}
      </span>
    </div>
  );
}

function TopList({ counted }: { readonly counted: CountedField }) {
  const selection = useSelection();
  const stored = useStoredRange();
  const measure = useView((view) => view.measure);
  const host = useRef<HTMLDivElement>(null);
  const inView = useInView(host);
  const { data, error, isLoading, isStale, isPartial, retry } = useCall(
    'query.top',
    { ...selection, fields: [counted.field], by: measure, limit: SHOWN },
    { enabled: stored !== null && inView, waits: true },
  );
  const most = data?.rows[0]?.[measure] ?? 0;
  return (
    <div ref={host} className={css['top']} data-stale={isStale} data-testid={`top-${counted.field}`}>
      <Panel
        title={`Top ${counted.title} by ${measure}`}
        tools={
          <>
            {isPartial && <span>so far</span>}
            {data && data.distinct > SHOWN && (
              <span title="Distinct values">of {formatCount(data.distinct)}</span>
            )}
          </>
        }
      >
        {error ? (
          <ErrorNote error={error} onRetry={retry} />
        ) : isLoading ? (
          stored && <LoadingNote lines={4} />
        ) : (
          data?.rows.map((row) => (
            <TopEntry
              key={row.key.join(' ')}
              counted={counted}
              value={row.key[0] ?? ''}
              amount={formatMeasure(row[measure], measure)}
              share={most > 0 ? row[measure] / most : 0}
            />
          ))
        )}
        {data?.rows.length === 0 && <span className="dim">none</span>}
      </Panel>
    </div>
  );
}

/** Whether it can be seen now: what nobody scrolls to is not asked for. */
function useInView(host: { readonly current: Element | null }): boolean {
  const [inView, setInView] = useState(false);
  useEffect(() => {
    if (!host.current) return undefined;
    const observer = new IntersectionObserver((entries) =>
      setInView(entries.at(-1)?.isIntersecting === true),
    );
    observer.observe(host.current);
    return () => observer.disconnect();
  }, [host]);
  return inView;
}

interface TopEntryProps {
  readonly counted: CountedField;
  readonly value: string;
  readonly amount: string;
  readonly share: number;
}

function TopEntry({ counted, value, amount, share }: TopEntryProps) {
  const selection = useSelection();
  const name = counted.name?.(value) ?? '';
  const isNone = value === '' || name === 'not told';
  const apply = (exclude: boolean) => {
    if (counted.side) {
      filterCountry(value, name, selection, counted.side).catch(showError);
      return;
    }
    changeView({ filter: withTerm(useView.getState().filter, counted.term(value), exclude) });
  };
  return (
    <UnstyledButton
      className={css['entry']}
      disabled={counted.side !== undefined && value === ''}
      title={`${counted.term(value)}\nClick: only this.${counted.side ? '' : ' Alt with click: all but this.'}`}
      onClick={(event) => apply(event.altKey)}
    >
      <span className={css['entryText']}>
        <span className="mono truncate">{isNone ? (counted.side ? 'no country' : 'not told') : value}</span>
        {!isNone && name !== '' && name !== value && <span className="dim">{name}</span>}
        <span className={`mono ${css['entryAmount']}`}>{amount}</span>
      </span>
      <span className={css['track']}>
        <span className={css['share']} style={{ width: `${Math.max(0.8, share * 100)}%` }} />
      </span>
    </UnstyledButton>
  );
}
