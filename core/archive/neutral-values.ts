/** Values of single rows, for the printers of neutral records. */
import type { ElementValue, FlowBatch } from '../model/flow-batch.ts';

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

/** Reads sparse columns of a batch whose rows are asked for in ascending order. */
export class ExtraReader {
  readonly #batch: FlowBatch;
  readonly #positions = new Map<string, number>();

  constructor(batch: FlowBatch) {
    this.#batch = batch;
  }

  at(name: string, row: number): ElementValue | undefined {
    const extra = this.#batch.extras.get(name);
    if (!extra) return undefined;
    let position = this.#positions.get(name) ?? 0;
    while ((extra.rows[position] ?? Infinity) < row) position++;
    this.#positions.set(name, position);
    return extra.rows[position] === row ? extra.values[position] : undefined;
  }
}
