/** Puts a country into the filter: the filter language knows addresses, so it is those of the country that have flows. */
import type { CountrySide } from '../../../core/model/place.ts';
import type { FlowSelection } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { showDone } from '../../parts/notify.ts';
import { formatCount } from '../../parts/format.ts';
import { withTerm } from '../../state/filter-terms.ts';
import { changeView, useView } from '../../state/view.ts';

/** Of one side, by flows; a filter of more would not fit into an address bar. */
const MAX_ADDRESSES = 200;
const MAX_ROWS = 10_000;

/** `country` is ISO 3166-1 alpha-2. */
export async function filterCountry(
  country: string,
  name: string,
  selection: FlowSelection,
  side: CountrySide,
): Promise<void> {
  const wanted = (['src', 'dst'] as const).filter(
    (end) => side === 'any' || (side === 'source') === (end === 'src'),
  );
  const answers = await Promise.all(
    wanted.map(async (end) =>
      core.call('query.top', {
        ...selection,
        fields: [`${end}ip`, `${end}country`],
        by: 'flows',
        times: false,
        limit: MAX_ROWS,
      }),
    ),
  );
  const found = answers.flatMap(({ rows }) =>
    rows.filter(({ key }) => key[1] === country).map(({ key }) => key[0]?.split('@')[0] ?? ''),
  );
  const addresses = [...new Set(found)];
  if (addresses.length === 0)
    throw new Error(`No address of ${name} is among the largest of this selection.`);
  const kept = addresses.slice(0, MAX_ADDRESSES);
  const word = side === 'any' ? 'ip' : wanted[0] === 'src' ? 'src ip' : 'dst ip';
  const term = kept.length === 1 ? `${word} ${kept[0]}` : `${word} in [${kept.join(' ')}]`;
  changeView({ filter: withTerm(useView.getState().filter, term, false) });
  const all =
    answers.every(({ distinct, rows }) => distinct <= rows.length) && kept.length === addresses.length;
  showDone(
    all
      ? `The filter holds the ${formatCount(kept.length)} addresses of ${name}.`
      : `The filter holds ${formatCount(kept.length)} addresses of ${name}, those with most flows; it has more.`,
  );
}
