/** Values of single rows, for the printers of neutral records. */
import type { ElementValue, ExtraColumn, FlowBatch } from '../model/flow-batch.ts';

const numberColumns = [
  'packetDeltaCount',
  'octetDeltaCount',
  'protocolIdentifier',
  'tcpControlBits',
  'sourceTransportPort',
  'destinationTransportPort',
  'ipClassOfService',
  'ingressInterface',
  'egressInterface',
  'bgpSourceAsNumber',
  'bgpDestinationAsNumber',
] as const;

/** Core columns that hold an element's number as it is. */
export type NumberColumn = (typeof numberColumns)[number];

const known: ReadonlySet<string> = new Set(numberColumns);

export const isNumberColumn = (name: string): name is NumberColumn => known.has(name);

/** What a core column says of an element; undefined where none holds it. */
export function coreValue(batch: FlowBatch, name: string, row: number): ElementValue | undefined {
  const { columns } = batch;
  if (isNumberColumn(name)) return columns[name][row];
  switch (name) {
    case 'sourceIPv4Address':
    case 'sourceIPv6Address':
      return batch.addresses.text(columns.sourceAddress[row] ?? 0);
    case 'destinationIPv4Address':
    case 'destinationIPv6Address':
      return batch.addresses.text(columns.destinationAddress[row] ?? 0);
    case '_exporter':
      return batch.exporters[columns.exporter[row] ?? 0]?.address;
    default:
      return undefined;
  }
}

interface Position {
  readonly extra: ExtraColumn;
  at: number;
}

/** Reads sparse columns of a batch whose rows are asked for in ascending order. */
export class ExtraReader {
  readonly #batch: FlowBatch;
  readonly #positions = new Map<string, Position | null>();

  constructor(batch: FlowBatch) {
    this.#batch = batch;
  }

  at(name: string, row: number): ElementValue | undefined {
    let position = this.#positions.get(name);
    if (position === undefined) {
      const extra = this.#batch.extras.get(name);
      position = extra ? { extra, at: 0 } : null;
      this.#positions.set(name, position);
    }
    if (!position) return undefined;
    const { rows, values } = position.extra;
    while (position.at < rows.length && (rows[position.at] as number) < row) position.at++;
    return position.at < rows.length && rows[position.at] === row ? values[position.at] : undefined;
  }
}
