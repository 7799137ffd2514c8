/** The columns of the SQL tables: `flows` with the names of information elements, `nf` with nfdump's. */
import { exportColumns, type CellValue, type ExportColumn } from '../export/rows.ts';
import type { StoredBatch } from '../../store/segment-reader.ts';

export interface SqlTable {
  readonly name: string;
  readonly columns: readonly ExportColumn[];
}

const every = exportColumns(true);
const flowColumns: readonly ExportColumn[] = every;

/** nfdump's name, and the column of `flows` that it stands for. */
const shortNames: readonly (readonly [short: string, name: string])[] = [
  ['first', 'flowStartMilliseconds'],
  ['last', 'flowEndMilliseconds'],
  ['proto', 'protocolIdentifier'],
  ['srcip', 'sourceAddress'],
  ['srcport', 'sourceTransportPort'],
  ['dstip', 'destinationAddress'],
  ['dstport', 'destinationTransportPort'],
  ['flags', 'tcpControlBits'],
  ['tos', 'ipClassOfService'],
  ['packets', 'packetDeltaCount'],
  ['bytes', 'octetDeltaCount'],
  ['inif', 'ingressInterface'],
  ['outif', 'egressInterface'],
  ['srcas', 'bgpSourceAsNumber'],
  ['dstas', 'bgpDestinationAsNumber'],
  ['xsrcip', 'postNATSourceAddress'],
  ['xdstip', 'postNATDestinationAddress'],
  ['xsrcport', 'postNAPTSourceTransportPort'],
  ['xdstport', 'postNAPTDestinationTransportPort'],
  ['router', 'exporter'],
  ['site', 'site'],
  ['received', 'collectionTimeMilliseconds'],
  ['kind', 'kind'],
];

/** Milliseconds from first to last. */
const duration: ExportColumn = {
  name: 'duration',
  kind: 'f64',
  bind: ({ columns }: StoredBatch) => {
    const { flowStartMilliseconds, flowEndMilliseconds } = columns;
    return (row): CellValue => {
      const value = (flowEndMilliseconds[row] ?? Number.NaN) - (flowStartMilliseconds[row] ?? Number.NaN);
      return Number.isFinite(value) ? value : null;
    };
  },
};

const nfColumns: readonly ExportColumn[] = [
  ...shortNames.flatMap(([name, long]) => {
    const column = every.find((one) => one.name === long);
    return column ? [{ ...column, name }] : [];
  }),
  duration,
];

export const sqlTables: readonly SqlTable[] = [
  { name: 'flows', columns: flowColumns },
  { name: 'nf', columns: nfColumns },
];

/**
 * Whether the text of a query may read a column: it has its name, or a star that is not that of count(*). Columns that it
 * cannot read are not made.
 */
export function mentions(sql: string): (column: string) => boolean {
  const text = sql.toLowerCase().replaceAll(/\bcount\s*\(\s*\*\s*\)/g, ' ');
  if (text.includes('*')) return () => true;
  return (column) => text.includes(column.toLowerCase());
}
