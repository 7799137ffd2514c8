/** A parsed filter to predicates over columns. */
import type { CoreColumnName, SitedBatch } from '../model/flow-batch.ts';
import type { SegmentSummary } from '../model/segment-summary.ts';
import { addressPredicate, familyPredicate } from './addresses.ts';
import type { AddressValue, FilterNode, FilterTest, NumberValue } from './ast.ts';
import { selectNumbers } from './columns.ts';
import {
  aclPredicate,
  COST_OF_EXTRA,
  deniedPredicate,
  flagsPredicate,
  icmpPredicate,
  mplsPredicate,
  payloadPredicate,
  portBlockPredicate,
  ratePredicate,
  textPredicate,
  versionPredicate,
} from './computed.ts';
import { elementPredicate } from './elements.ts';
import { exporterPredicate } from './exporters.ts';
import { addressTest, selectExtras } from './extras.ts';
import { fieldTable, type Field, type Source } from './fields.ts';
import { mayHoldFailing, mayHoldPassing } from './held-values.ts';
import { flagBits } from './names.ts';
import {
  mayFailWithin,
  mayPassWithin,
  numberMatch,
  passes,
  passesValue,
  type NumberMatch,
} from './number-match.ts';
import { parseFilter } from './parse.ts';
import { both, either, everything, inverse, opaque, type Predicate } from './predicate.ts';

export interface FlowFilter {
  /** False only where no row of the segment can match. */
  mayMatch(segment: SegmentSummary): boolean;
  /** The rows that match (of `rows`, ascending, if given), ascending. Reads only the columns that the filter needs. */
  select(batch: SitedBatch, rows?: Uint32Array): Uint32Array;
}

/** Parses and compiles; an empty text matches every flow. Throws FilterError (`bad-filter`). */
export function flowFilter(text: string, elements?: ReadonlySet<string>): FlowFilter {
  return compileFilter(parseFilter(text, elements));
}

/** Throws FilterError where an element is compared with what it cannot be. */
export function compileFilter(node: FilterNode): FlowFilter {
  const predicate = compile(node, false);
  return {
    mayMatch: (segment) => predicate.mayPass(segment),
    select: (batch, rows) => predicate.select(batch, rows),
  };
}

/** `negated`: an odd number of nots stands around the node, which `flags` needs to know. */
function compile(node: FilterNode, negated: boolean): Predicate {
  switch (node.kind) {
    case 'every':
      return everything;
    case 'and':
      return both(node.nodes.map((one) => compile(one, negated)));
    case 'or':
      return either(node.nodes.map((one) => compile(one, negated)));
    case 'not':
      return inverse(compile(node.node, !negated));
    case 'element':
      return elementPredicate(node);
    case 'test':
      return compileTest(node, negated);
  }
}

function compileTest(test: FilterTest, negated: boolean): Predicate {
  const field = fieldTable.get(test.field);
  if (!field) throw new RangeError(`no field ${test.field}`);
  if (field.value.kind !== 'number' && field.value.kind !== 'flags' && test.comparison === '!=') {
    return inverse(compileSources(field, { ...test, comparison: '=' }, !negated));
  }
  return compileSources(field, test, negated);
}

function compileSources(field: Field, test: FilterTest, negated: boolean): Predicate {
  const ends = field.sources.flatMap((source) => (source.by === 'address' ? [source.name] : []));
  if (ends.length > 1 && field.join === 'any') return addressPredicate(ends, addressesOf(test));
  const [first, second] = field.sources;
  if (first?.by === 'column' && second?.by === 'column' && field.join === 'any') {
    return eitherColumn(first.name, second.name, matchOf(test));
  }
  const predicates = field.sources.map((source) => compileSource(source, test, negated));
  const [only] = predicates;
  if (predicates.length === 1 && only) return only;
  return field.join === 'any' ? either(predicates) : both(predicates);
}

function compileSource(source: Source, test: FilterTest, negated: boolean): Predicate {
  const match = matchOf(test);
  const texts = test.values.flatMap((value) => (value.kind === 'text' ? [value.text] : []));
  switch (source.by) {
    case 'every':
      return everything;
    case 'family4':
      return familyPredicate(4);
    case 'family6':
      return familyPredicate(6);
    case 'address':
      return addressPredicate([source.name], addressesOf(test));
    case 'column':
      return columnPredicate(source, match);
    case 'extra':
      return opaque(COST_OF_EXTRA, (batch, rows) =>
        selectExtras(
          batch,
          rows,
          source.names,
          (value) => passesValue(match, value),
          passes(match, source.absent ?? 0),
        ),
      );
    case 'extraAddress': {
      const wanted = addressTest(addressesOf(test));
      const predicates = source.names.map((name) =>
        opaque(COST_OF_EXTRA, (batch, rows) => selectExtras(batch, rows, [name], wanted, false)),
      );
      return either(predicates);
    }
    case 'text':
      return textPredicate(source.names, texts, test.comparison === '!=', true);
    case 'rate':
      return ratePredicate(source.what, match);
    case 'exporter':
      return exporterPredicate(source, test.values, match);
    case 'icmp':
      return icmpPredicate(source.what, match);
    case 'mpls':
      return mplsPredicate(source, match);
    case 'acl':
      return aclPredicate(source, match);
    case 'portBlock':
      return portBlockPredicate(source.name);
    case 'denied':
      return deniedPredicate(match);
    case 'version':
      return versionPredicate(match);
    case 'payload':
      return either(texts.map(payloadPredicate));
    case 'flags':
      return flagsOf(test, match, negated);
  }
}

function matchOf({ comparison, values }: FilterTest): NumberMatch {
  return numberMatch(
    comparison,
    values.flatMap((value): NumberValue[] => (value.kind === 'number' ? [value] : [])),
  );
}

function flagsOf({ values }: FilterTest, match: NumberMatch, negated: boolean): Predicate {
  return either(
    values.map((value) => flagsPredicate(value.kind === 'text' ? flagBits(value.text) : match, negated)),
  );
}

function addressesOf({ values }: FilterTest): AddressValue[] {
  return values.flatMap((value) => (value.kind === 'address' ? [value] : []));
}

const costs: Partial<Record<CoreColumnName, number>> = {
  sourceTransportPort: 20,
  destinationTransportPort: 20,
  bgpSourceAsNumber: 22,
  bgpDestinationAsNumber: 22,
  protocolIdentifier: 45,
};

/** Both ends in one pass. None of these columns has bounds or exact values beside it. */
function eitherColumn(first: CoreColumnName, second: CoreColumnName, match: NumberMatch): Predicate {
  return {
    cost: costs[first] ?? 40,
    mayPass: (segment) =>
      segment.rows > 0 && (mayHoldPassing(segment, first, match) || mayHoldPassing(segment, second, match)),
    mayFail: () => true,
    select: (batch, rows) => selectNumbers([batch.columns[first], batch.columns[second]], match, rows),
  };
}

function columnPredicate({ name, shift }: Source & { by: 'column' }, match: NumberMatch): Predicate {
  const bounds = (segment: SegmentSummary): [number | null, number | null] => {
    if (name === 'octetDeltaCount') return [segment.minOctets, segment.maxOctets];
    return name === 'packetDeltaCount' ? [segment.minPackets, segment.maxPackets] : [null, null];
  };
  return {
    cost: costs[name] ?? 40,
    mayPass: (segment) =>
      segment.rows > 0 &&
      mayPassWithin(match, ...bounds(segment)) &&
      (shift !== undefined || mayHoldPassing(segment, name, match)),
    mayFail: (segment) =>
      segment.rows > 0 &&
      mayFailWithin(match, ...bounds(segment)) &&
      (shift !== undefined || mayHoldFailing(segment, name, match)),
    select(batch, rows) {
      const found = selectNumbers([batch.columns[name]], match, rows, shift);
      if (shift !== undefined || !batch.extras.has(name)) return found;
      return corrected(batch, name, match, rows, found);
    },
  };
}

/** Rows with an exact value among the extras go by that: a counter above 2^53. */
function corrected(
  batch: SitedBatch,
  name: CoreColumnName,
  match: NumberMatch,
  rows: Uint32Array | undefined,
  found: Uint32Array,
): Uint32Array {
  const exact = new Set<number>(batch.extras.get(name)?.rows);
  const rest = found.filter((row) => !exact.has(row));
  const zero = passes(match, 0);
  const own = selectExtras(batch, rows, [name], (value) => passesValue(match, value), zero);
  return Uint32Array.from([...rest, ...own.filter((row) => exact.has(row))]).sort();
}
