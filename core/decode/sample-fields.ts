/** What a sample turns out to hold, in the order of the wire, until it becomes a row or an options record. */
import { formatAddress } from '../model/address.ts';
import type { CoreColumnName, ElementValue } from '../model/flow-batch.ts';

/** Elements that a sample can have and that have a core column of their own. */
const inColumns: ReadonlySet<string> = new Set<CoreColumnName>([
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
  'tcpControlBits',
  'ipClassOfService',
  'ingressInterface',
  'egressInterface',
]);

export class SampleFields {
  /** Names as the record's layout will have them. */
  readonly names: string[] = [];
  /** Values that have no column of their own, by name. */
  readonly extras = new Map<string, ElementValue>();
  readonly columns = new Map<CoreColumnName, number>();
  /** The addresses as octets, borrowed from the datagram. */
  source: Uint8Array | undefined;
  destination: Uint8Array | undefined;

  has(name: string): boolean {
    return inColumns.has(name) ? this.names.includes(name) : this.extras.has(name);
  }

  /** The next element of the record; where a sample has two of a kind, the first counts. */
  add(name: string, value: ElementValue): void {
    if (this.has(name)) return;
    this.names.push(name);
    if (inColumns.has(name)) this.columns.set(name as CoreColumnName, Number(value));
    else this.extras.set(name, value);
  }

  /** The two addresses of a packet, of 4 or 16 octets each. */
  addAddresses(source: Uint8Array, destination: Uint8Array): void {
    if (this.source) return;
    const family = source.length === 4 ? 'IPv4' : 'IPv6';
    this.names.push(`source${family}Address`, `destination${family}Address`);
    this.source = source;
    this.destination = destination;
  }

  /** The value of one of `names`. */
  value(name: string): ElementValue {
    const { source, destination } = this;
    if (source && name.startsWith('sourceIP')) return formatAddress(source);
    if (destination && name.startsWith('destinationIP')) return formatAddress(destination);
    return this.extras.get(name) ?? this.columns.get(name as CoreColumnName) ?? null;
  }

  /** Something that was derived, and that the record does not have as an element. */
  derive(name: CoreColumnName, value: number): void {
    if (!this.columns.has(name)) this.columns.set(name, value);
  }
}
