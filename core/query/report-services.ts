/**
 * Sums of a month by service: the rows of distribution-services.ts, found without a branch that the processor could guess
 * wrong. Both ports are looked up, and a small table of both answers says where a flow counts.
 */
import type { CoreColumns } from '../model/flow-batch.ts';
import { serviceNames, serviceRow } from './distribution-services.ts';
import { TCP, UDP } from './endpoints.ts';
import { COUNTS } from './report-sums.ts';

const PORTS = 65_536;
const PROTOCOLS = 256;
/** A service's code is the number of its row, and 1. */
const CODES = serviceNames.length + 1;

/** By protocol, where the codes of its ports begin; those of protocols without ports are 0. */
const beginOf = new Uint32Array(PROTOCOLS);
/** Codes of ports: 0 is no service. */
const codeOf = new Uint8Array(3 * PORTS);
/** By the codes of the destination's and the source's port: the cell, and what of the protocol is added to it. */
const cellOf = new Uint16Array(CODES * CODES);
const maskOf = new Uint8Array(CODES * CODES);
/** Cells: one a protocol for what has no service, then one a row of the table. */
const CELLS = PROTOCOLS + serviceNames.length;

for (const [place, protocol] of [TCP, UDP].entries()) {
  beginOf[protocol] = (place + 1) * PORTS;
  const other = serviceRow(protocol, 0, 0);
  for (let port = 0; port < PORTS; port++) {
    const row = serviceRow(protocol, 0, port);
    codeOf[(place + 1) * PORTS + port] = row === other ? 0 : 1 + row;
  }
}
for (let destination = 0; destination < CODES; destination++) {
  for (let source = 0; source < CODES; source++) {
    const code = destination === 0 ? source : destination;
    cellOf[destination * CODES + source] = code === 0 ? 0 : PROTOCOLS + code - 1;
    maskOf[destination * CODES + source] = code === 0 ? PROTOCOLS - 1 : 0;
  }
}

type ServiceColumns = Pick<
  CoreColumns,
  | 'protocolIdentifier'
  | 'sourceTransportPort'
  | 'destinationTransportPort'
  | 'packetDeltaCount'
  | 'octetDeltaCount'
>;

export class ServiceSums {
  readonly #cells = new Float64Array(CELLS * COUNTS);

  add(columns: ServiceColumns, rows: Uint32Array): void {
    const { protocolIdentifier: protocols, packetDeltaCount: packets, octetDeltaCount: bytes } = columns;
    const { sourceTransportPort: sources, destinationTransportPort: destinations } = columns;
    const cells = this.#cells;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const protocol = protocols[row] as number;
      const begin = beginOf[protocol] as number;
      const destination = codeOf[begin + (destinations[row] as number)] as number;
      const source = codeOf[begin + (sources[row] as number)] as number;
      const codes = destination * CODES + source;
      const at = ((cellOf[codes] as number) + (protocol & (maskOf[codes] as number))) * COUNTS;
      cells[at] = (cells[at] as number) + 1;
      cells[at + 1] = (cells[at + 1] as number) + (packets[row] as number);
      cells[at + 2] = (cells[at + 2] as number) + (bytes[row] as number);
    }
  }

  /** Flows, packets and bytes of each row of the table. */
  finish(): Float64Array {
    const sums = new Float64Array(serviceNames.length * COUNTS);
    for (let cell = 0; cell < CELLS; cell++) {
      const row = cell < PROTOCOLS ? serviceRow(cell, 0, 0) : cell - PROTOCOLS;
      for (let count = 0; count < COUNTS; count++) {
        const at = row * COUNTS + count;
        sums[at] = (sums[at] as number) + (this.#cells[cell * COUNTS + count] as number);
      }
    }
    return sums;
  }
}
