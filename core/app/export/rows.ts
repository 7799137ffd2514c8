/** Flows as the rows of a table for other programs: which columns there are, and how a batch gives their values. */
import type { CoreColumnName, ElementValue, ExtraColumn } from '../../model/flow-batch.ts';
import type { StoredBatch } from '../../store/segment-reader.ts';

/** A number; text; a decimal string where a counter is beyond 2^53; null where the exporter said nothing. */
export type CellValue = number | string | null;

export type ColumnKind = 'time' | 'u8' | 'u16' | 'u32' | 'u64' | 'f64' | 'text' | 'json';

export interface ExportColumn {
  /** An information element's name, where it is one. Times are epoch milliseconds. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** The values of a batch by row; counters are multiplied by `scale`, where there is one. */
  readonly bind: (batch: StoredBatch, scale: Float64Array | undefined) => (row: number) => CellValue;
  /** What every row of the batch has; undefined where they differ, as far as that is seen at a glance. */
  readonly every?: (batch: StoredBatch, scale: Float64Array | undefined) => CellValue | undefined;
  /** The values, where all that are whole and not negative are what `bind` gives. */
  readonly numbers?: (batch: StoredBatch, scale: Float64Array | undefined) => ArrayLike<number> | undefined;
  /** Codes of the batch's addresses, where `bind` gives their text. */
  readonly codes?: (batch: StoredBatch) => Uint32Array;
}

/** The value that every row has, where that is plain to see. */
function sameValue(extra: ExtraColumn | undefined, count: number): ElementValue | undefined {
  if (!extra || extra.rows.length !== count) return undefined;
  const { values } = extra;
  const [first] = values;
  if (typeof first === 'object') return undefined;
  for (let i = 1; i < count; i++) if (values[i] !== first) return undefined;
  return first;
}

/** Values of an element by row; undefined where a row has none. Rows may be asked for in any order. */
function extraValues(
  extra: ExtraColumn | undefined,
): ((row: number) => ElementValue | undefined) | undefined {
  if (!extra) return undefined;
  const { rows, values } = extra;
  let at = 0;
  return (row) => {
    // Mostly the next one is asked for.
    if ((rows[at] ?? Infinity) > row) at = 0;
    if ((rows[at] ?? Infinity) < row) {
      let high = rows.length;
      if (rows[at + 1] === row) at++;
      else
        while (at < high) {
          const middle = (at + high) >>> 1;
          if ((rows[middle] ?? 0) < row) at = middle + 1;
          else high = middle;
        }
    }
    return rows[at] === row ? values[at] : undefined;
  };
}

type NumberColumn = Exclude<
  CoreColumnName,
  'sourceAddress' | 'destinationAddress' | 'exporter' | 'datagram' | 'layout'
>;

const number = (name: NumberColumn, kind: ColumnKind): ExportColumn => ({
  name,
  kind,
  bind: ({ columns }) => {
    const values = columns[name];
    return (row) => values[row] ?? 0;
  },
  numbers: ({ columns }) => columns[name],
});

const time = (name: NumberColumn): ExportColumn => ({
  name,
  kind: 'time',
  bind: ({ columns }) => {
    const values = columns[name];
    return (row) => {
      const value = values[row] ?? Number.NaN;
      return Number.isFinite(value) ? value : null;
    };
  },
  numbers: ({ columns }) => columns[name],
});

const counter = (name: 'packetDeltaCount' | 'octetDeltaCount'): ExportColumn => ({
  name,
  kind: 'u64',
  bind: (batch, scale) => {
    const values = batch.columns[name];
    const exact = extraValues(batch.extras.get(name));
    return (row) => {
      const told = exact?.(row);
      const factor = scale?.[row] ?? 1;
      if (told === null) return null;
      if (factor === 1 && typeof told === 'string') return told;
      return Math.round((values[row] ?? 0) * factor);
    };
  },
  numbers: ({ columns, extras }, scale) => (scale || extras.has(name) ? undefined : columns[name]),
});

const address = (name: 'sourceAddress' | 'destinationAddress'): ExportColumn => ({
  name,
  kind: 'text',
  bind: ({ columns, addresses }) => {
    const codes = columns[name];
    return (row) => {
      const code = codes[row] ?? 0;
      return code === 0 ? null : addresses.text(code);
    };
  },
  codes: ({ columns }) => columns[name],
});

const ofExporter = (
  name: string,
  kind: ColumnKind,
  valueOf: (batch: StoredBatch, index: number) => CellValue,
): ExportColumn => ({
  name,
  kind,
  bind: (batch) => {
    const values = batch.exporters.map((_, index) => valueOf(batch, index));
    const { exporter } = batch.columns;
    return (row) => values[exporter[row] ?? 0] ?? null;
  },
  every: (batch) => (batch.exporters.length === 1 ? valueOf(batch, 0) : undefined),
});

/** The first of the elements that the row has. */
const element = (name: string, kind: ColumnKind, ...elements: readonly string[]): ExportColumn => ({
  name,
  kind,
  bind: ({ extras }) => {
    const readers = elements.flatMap((one) => extraValues(extras.get(one)) ?? []);
    return (row) => {
      for (const reader of readers) {
        const value = reader(row);
        if (typeof value === 'number' || typeof value === 'string') return value;
      }
      return null;
    };
  },
  every: ({ extras }) => (elements.some((one) => extras.has(one)) ? undefined : null),
});

const kindColumn: ExportColumn = {
  name: 'kind',
  kind: 'text',
  bind: ({ extras }) => {
    const kinds = extraValues(extras.get('_kind'));
    return (row) => {
      const kind = kinds?.(row);
      return typeof kind === 'string' ? kind : 'flow';
    };
  },
  every: ({ extras }) => (extras.has('_kind') ? undefined : 'flow'),
};

const columnsOfEveryFlow: readonly ExportColumn[] = [
  time('flowStartMilliseconds'),
  time('flowEndMilliseconds'),
  number('protocolIdentifier', 'u8'),
  address('sourceAddress'),
  number('sourceTransportPort', 'u16'),
  address('destinationAddress'),
  number('destinationTransportPort', 'u16'),
  number('tcpControlBits', 'u16'),
  number('ipClassOfService', 'u8'),
  counter('packetDeltaCount'),
  counter('octetDeltaCount'),
  number('ingressInterface', 'u32'),
  number('egressInterface', 'u32'),
  number('bgpSourceAsNumber', 'u32'),
  number('bgpDestinationAsNumber', 'u32'),
  element('postNATSourceAddress', 'text', 'postNATSourceIPv4Address', 'postNATSourceIPv6Address'),
  element(
    'postNATDestinationAddress',
    'text',
    'postNATDestinationIPv4Address',
    'postNATDestinationIPv6Address',
  ),
  element('postNAPTSourceTransportPort', 'u16', 'postNAPTSourceTransportPort'),
  element('postNAPTDestinationTransportPort', 'u16', 'postNAPTDestinationTransportPort'),
  ofExporter('exporter', 'text', ({ exporters }, index) => exporters[index]?.address ?? null),
  ofExporter('exporterPort', 'u16', ({ exporters }, index) => exporters[index]?.port ?? null),
  ofExporter(
    'observationDomainId',
    'u32',
    ({ exporters }, index) => exporters[index]?.observationDomainId ?? null,
  ),
  ofExporter('site', 'text', ({ sites }, index) => sites[index] ?? null),
  time('collectionTimeMilliseconds'),
  kindColumn,
];

/** Elements that a column of their own shows. */
const shown: ReadonlySet<string> = new Set([
  '_kind',
  'packetDeltaCount',
  'octetDeltaCount',
  'postNATSourceIPv4Address',
  'postNATSourceIPv6Address',
  'postNATDestinationIPv4Address',
  'postNATDestinationIPv6Address',
  'postNAPTSourceTransportPort',
  'postNAPTDestinationTransportPort',
]);

const furtherNames = ({ extras }: StoredBatch): string[] =>
  [...extras.keys()].filter((name) => !shown.has(name));

const jsonOf = (value: ElementValue): string =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : JSON.stringify(value);

/** Every further element of a row by its name, as JSON; null where there is none. */
const elementsColumn: ExportColumn = {
  name: 'elements',
  kind: 'json',
  bind: (batch) => {
    const further = furtherNames(batch).flatMap((name) => {
      const values = extraValues(batch.extras.get(name));
      return values ? [{ key: JSON.stringify(name), values }] : [];
    });
    return (row) => {
      let text = '';
      for (const { key, values } of further) {
        const value = values(row);
        if (value === undefined) continue;
        text += `${text === '' ? '{' : ','}${key}:${jsonOf(value)}`;
      }
      return text === '' ? null : `${text}}`;
    };
  },
  every: (batch) => {
    const cells: string[] = [];
    for (const name of furtherNames(batch)) {
      const value = sameValue(batch.extras.get(name), batch.count);
      if (value === undefined) return undefined;
      cells.push(`${JSON.stringify(name)}:${jsonOf(value)}`);
    }
    return cells.length === 0 ? null : `{${cells.join(',')}}`;
  },
};

/** The columns of an export, with all further elements in a last one or without them. */
export const exportColumns = (elements: boolean): readonly ExportColumn[] =>
  elements ? [...columnsOfEveryFlow, elementsColumn] : columnsOfEveryFlow;
