/** Predicates over any stored element by its IPFIX name: core columns, merged addresses, extras. */
import { parseAddress } from '../model/address.ts';
import { coreColumnNames, type CoreColumnName, type ElementValue } from '../model/flow-batch.ts';
import { addressPredicate } from './addresses.ts';
import type { AddressValue, ElementTest, FilterValue } from './ast.ts';
import { selectNumbers } from './columns.ts';
import { COST_OF_EXTRA } from './computed.ts';
import { holds, selectExtras } from './extras.ts';
import { FilterError } from './filter-error.ts';
import { mayHoldPassing } from './held-values.ts';
import { mayPassWithin, numberMatch, numberSet, passesValue, type NumberMatch } from './number-match.ts';
import { either, opaque, type Predicate } from './predicate.ts';

const COST_OF_COLUMN = 40;

/** Columns of indexes into the batch's tables: their numbers mean nothing outside of it. */
const internal: ReadonlySet<string> = new Set(['exporter', 'datagram', 'layout', 'sourceOffset']);
const merged = /^(source|destination)(IPv4|IPv6)?Address$/;
const core: ReadonlySet<string> = new Set(coreColumnNames);

const isCoreColumn = (name: string): name is CoreColumnName => core.has(name);

/**
 * A row without the element passes no comparison, `!=` neither. A core column that a row's exporter did not fill is 0
 * and cannot be told from an exported 0.
 */
export function elementPredicate(test: ElementTest): Predicate {
  const { name, comparison, values } = test;
  const ends = merged.exec(name);
  if (ends)
    return mergedAddress(test, ends[1] === 'source' ? 'sourceAddress' : 'destinationAddress', ends[2]);
  if (internal.has(name)) {
    throw new FilterError(
      `The column ${name} is internal and cannot be compared; write "exporter ip", "exporter id" or "site" instead.`,
      test.position,
      name.length,
    );
  }
  const passing = valueTest(comparison, values);
  const extras: Predicate['select'] = (batch, rows) => selectExtras(batch, rows, [name], passing, false);
  if (!isCoreColumn(name)) return opaque(COST_OF_EXTRA, extras);
  const match = coreMatch(test);
  return {
    cost: COST_OF_COLUMN,
    mayPass: (segment) =>
      segment.rows > 0 &&
      mayPassWithin(match, ...boundsOf(segment, name)) &&
      mayHoldPassing(segment, name, match),
    mayFail: () => true,
    select(batch, rows) {
      const found = selectNumbers([batch.columns[name]], match, rows);
      if (!batch.extras.has(name)) return found;
      // Rows with an exact value go by that.
      const exact = batch.extras.get(name)?.rows ?? [];
      const overridden = new Set<number>(exact);
      const kept = found.filter((row) => !overridden.has(row));
      return Uint32Array.from([...kept, ...extras(batch, rows)]).sort();
    },
  };
}

function boundsOf(
  segment: Parameters<Predicate['mayPass']>[0],
  name: CoreColumnName,
): [number | null, number | null] {
  switch (name) {
    case 'flowStartMilliseconds':
      return [segment.minStart, segment.maxStart];
    case 'flowEndMilliseconds':
      return [segment.minEnd, segment.maxEnd];
    case 'octetDeltaCount':
      return [segment.minOctets, segment.maxOctets];
    case 'packetDeltaCount':
      return [segment.minPackets, segment.maxPackets];
    default:
      return [null, null];
  }
}

/** Numbers, and times as text (`flowStartMilliseconds > "2026-11-21T00:47:00Z"`). */
function coreMatch({ name, comparison, values, position, length }: ElementTest): NumberMatch {
  return numberMatch(
    comparison,
    values.map((value) => {
      if (value.kind === 'number') return value;
      const time =
        value.kind === 'text' && name.endsWith('Milliseconds') ? Date.parse(value.text) : Number.NaN;
      if (Number.isNaN(time)) {
        const example = name.endsWith('Milliseconds') ? ' or a time such as "2026-11-21T00:47:00Z"' : '';
        throw new FilterError(`The element ${name} is compared with a number${example}.`, position, length);
      }
      return { kind: 'number', value: time, exact: BigInt(time) };
    }),
  );
}

function mergedAddress(
  test: ElementTest,
  end: 'sourceAddress' | 'destinationAddress',
  family: string | undefined,
): Predicate {
  const length = family === 'IPv4' ? 4 : family === 'IPv6' ? 16 : undefined;
  const wanted = test.values.map((value): AddressValue => {
    if (value.kind === 'address' && (length === undefined || value.bytes.length === length)) return value;
    throw new FilterError(
      `The element ${test.name} is compared with an ${family ?? 'IPv4 or IPv6'} address or network.`,
      test.position,
      test.length,
    );
  });
  if (test.comparison !== '!=') {
    const extras = opaque(COST_OF_EXTRA, (batch, rows) =>
      selectExtras(batch, rows, [test.name], addressValue(wanted), false),
    );
    return either([{ ...addressPredicate([end], wanted), mayPass: () => true }, extras]);
  }
  return opaque(COST_OF_COLUMN, (batch, rows) => {
    const { families, bytes } = batch.addresses;
    const passing = new Set<number>();
    for (let code = 1; code < batch.addresses.count; code++) {
      const size = families[code] === 4 ? 4 : 16;
      if (length !== undefined && size !== length) continue;
      if (!wanted.some((one) => holds(one, bytes, code * 16, size))) passing.add(code);
    }
    return selectNumbers([batch.columns[end]], numberSet(passing), rows);
  });
}

const addressValue =
  (wanted: readonly AddressValue[]) =>
  (value: ElementValue): boolean => {
    const bytes = typeof value === 'string' ? parseAddress(value) : undefined;
    return bytes !== undefined && wanted.some((one) => holds(one, bytes, 0, bytes.length));
  };

/** What a stored value must be: the operands' kind decides how it is compared. */
function valueTest(
  comparison: ElementTest['comparison'],
  values: readonly FilterValue[],
): (value: ElementValue) => boolean {
  const numbers = values.flatMap((value) => (value.kind === 'number' ? [value] : []));
  const addresses = values.flatMap((value) => (value.kind === 'address' ? [value] : []));
  const texts = values.flatMap((value) => (value.kind === 'text' ? [value.text] : []));
  const match = numbers.length > 0 ? numberMatch(comparison, numbers) : undefined;
  const isAddress = addressValue(addresses);
  const equalsText = (value: ElementValue): boolean =>
    (typeof value === 'string' || typeof value === 'boolean') && texts.includes(`${value}`);
  if (comparison === 'in' || comparison === '=') {
    return (value) =>
      (match !== undefined && passesValue(match, value)) || equalsText(value) || isAddress(value);
  }
  if (match) return (value) => passesValue(match, value);
  if (comparison === '!=') return (value) => !equalsText(value) && !isAddress(value);
  const [text = ''] = texts;
  const ordered: Readonly<Record<string, (value: string) => boolean>> = {
    '<': (value) => value < text,
    '>': (value) => value > text,
    '<=': (value) => value <= text,
    '>=': (value) => value >= text,
  };
  return (value) => typeof value === 'string' && (ordered[comparison]?.(value) ?? false);
}
