/** Predicates over who exported: asked once of the batch's few exporters. */
import { parseAddress } from '../model/address.ts';
import type { Exporter } from '../model/flow-batch.ts';
import type { FilterTest } from './ast.ts';
import { selectIndexed } from './computed.ts';
import { holds } from './extras.ts';
import type { Source } from './fields.ts';
import { passes, type NumberMatch } from './number-match.ts';
import { opaque, type Predicate } from './predicate.ts';

const COST_OF_EXPORTER = 15;

/** Site names are compared without regard to case. `match` is for the numbers, `values` for the rest. */
export function exporterPredicate(
  { what }: Source & { by: 'exporter' },
  values: FilterTest['values'],
  match: NumberMatch,
): Predicate {
  const sites = new Set(values.flatMap((one) => (one.kind === 'text' ? [one.text.toLowerCase()] : [])));
  const addresses = values.flatMap((one) => (one.kind === 'address' ? [one] : []));
  const test = ({ address, observationDomainId: id }: Exporter, site: string): boolean => {
    switch (what) {
      case 'site':
        return sites.has(site.toLowerCase());
      case 'id':
        return passes(match, id);
      // NetFlow v5 and v8: engine type and id make up the domain.
      case 'engineType':
        return passes(match, (id >>> 8) & 0xff);
      case 'engineId':
        return passes(match, id & 0xff);
      case 'address': {
        const bytes = parseAddress(address);
        return bytes !== undefined && addresses.some((one) => holds(one, bytes, 0, bytes.length));
      }
    }
  };
  return opaque(COST_OF_EXPORTER, (batch, rows) =>
    selectIndexed(
      batch.columns.exporter,
      batch.exporters.map((exporter, i) => test(exporter, batch.sites[i] ?? '')),
      false,
      rows,
    ),
  );
}
