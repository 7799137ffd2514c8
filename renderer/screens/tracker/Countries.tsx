/** Countries by what is counted: the choice, the scale, and every number in a list. */
import { Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CountryRow } from '../../../core/model/place.ts';
import { AnswerBadges } from '../../parts/AnswerBadges.tsx';
import { DataTable, type Column, type SortOrder } from '../../parts/DataTable.tsx';
import { EmptyNote, ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { formatCount } from '../../parts/format.ts';
import { globeColours } from '../../parts/globe/globe-colours.ts';
import { useSettings } from '../../state/settings.ts';
import { heatText, heatWords } from './heat-scale.ts';
import {
  heatMeasures,
  setHeat,
  setSide,
  sides,
  type HeatMeasure,
  type TrackerState,
} from './tracker-state.ts';
import type { CountriesState } from './use-countries.ts';
import css from './tracker.module.css';

export interface CountriesProps {
  readonly state: TrackerState;
  readonly countries: CountriesState;
  readonly onFilter: (row: CountryRow) => void;
}

const sideWords = { any: 'either end', source: 'source', destination: 'destination' } as const;

export function Countries({ state, countries, onFilter }: CountriesProps) {
  const { heat, side } = state;
  return (
    <section className={`${css['box']} ${css['countries']}`} aria-label="Countries">
      <h2 className={css['boxTitle']}>
        Countries by
        {heat !== null && countries.answer && <AnswerBadges notes={countries.answer} />}
      </h2>
      <div className={css['choices']}>
        <Select
          aria-label="Countries by"
          allowDeselect={false}
          data={[
            ...heatMeasures.map((value) => ({ value: value as string, label: heatWords[value] })),
            { value: 'none', label: 'nothing' },
          ]}
          value={heat ?? 'none'}
          onChange={(value) => setHeat(heatMeasures.find((measure) => measure === value) ?? null)}
        />
        <Select
          aria-label="Which end of a flow"
          allowDeselect={false}
          data={sides.map((value) => ({ value, label: sideWords[value] }))}
          value={side}
          onChange={(value) => setSide(sides.find((known) => known === value) ?? 'any')}
        />
      </div>
      {heat !== null && <Counted heat={heat} countries={countries} onFilter={onFilter} />}
    </section>
  );
}

interface CountedProps extends Pick<CountriesProps, 'countries' | 'onFilter'> {
  readonly heat: HeatMeasure;
}

function Counted({ heat, countries: { answer, error, isLoading, scale, retry }, onFilter }: CountedProps) {
  const [sort, setSort] = useState<SortOrder>({ column: 'value', descending: true });
  const rows = useMemo(() => sorted(answer?.countries ?? [], heat, sort), [answer, heat, sort]);
  const columns = useMemo(() => columnsOf(heat), [heat]);
  if (error && !answer) return <ErrorNote error={error} onRetry={retry} />;
  if (isLoading) return <LoadingNote lines={4} />;
  if (!answer || !scale) return <EmptyNote title="No flow here has an end in a known country." />;
  return (
    <>
      <Legend heat={heat} least={scale.least} most={scale.most} />
      <div
        className={css['countryList']}
        style={{ flexBasis: 32 + 24 * Math.max(3, rows.length) }}
        data-testid="countries"
      >
        <DataTable
          name="tracker-countries"
          label={`Countries by ${heatWords[heat]}: Enter or a click filters`}
          columns={columns}
          rows={rows.length}
          rowAt={(index) => rows[index]}
          sort={sort}
          onSort={setSort}
          onOpen={onFilter}
          resetKey={`${heat} ${sort.column} ${sort.descending}`}
        />
      </div>
    </>
  );
}

function Legend({ heat, least, most }: { heat: HeatMeasure; least: number; most: number }) {
  const scheme = useSettings((settings) => settings.scheme);
  const { heat: ramp } = globeColours(scheme);
  return (
    <div className={css['legend']}>
      <span className={css['ramp']} style={{ background: `linear-gradient(90deg, ${ramp.join(', ')})` }} />
      <span className="mono">{heatText(least, heat)}</span>
      <span className="dim">log scale</span>
      <span className="mono">{heatText(most, heat)}</span>
    </div>
  );
}

const columnsOf = (heat: HeatMeasure): Column<CountryRow>[] => [
  { id: 'name', title: 'Country', width: 122, sortable: true, cell: ({ countryName }) => countryName },
  {
    id: 'value',
    title: heat === 'addresses' ? 'Addresses' : (heat[0]?.toUpperCase() ?? '') + heat.slice(1),
    about: heatWords[heat],
    width: 84,
    align: 'right',
    mono: true,
    sortable: true,
    cell: (row) => <span title={formatCount(row[heat])}>{heatText(row[heat], heat)}</span>,
    text: (row) => String(row[heat]),
  },
];

function sorted(
  rows: readonly CountryRow[],
  heat: HeatMeasure,
  { column, descending }: SortOrder,
): CountryRow[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) =>
    column === 'name' ? sign * a.countryName.localeCompare(b.countryName) : sign * (a[heat] - b[heat]),
  );
}
