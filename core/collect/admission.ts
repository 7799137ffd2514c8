/**
 * Which exporting processes are told apart, and how many: everything kept per exporter is bounded here, before a datagram
 * is decoded, because addresses, ports and domains can be forged.
 */
import { exporterKey, type Exporter } from '../model/flow-batch.ts';

export interface AdmissionLimits {
  /** Exporters (address, port, domain) that may turn up in one run beside those known before. */
  readonly maxNewExporters: number;
  /** Source ports of one address that are told apart; some exporters use a new one for every datagram. */
  readonly maxPortsPerAddress: number;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #known: Set<string>;
  readonly #most: number;
  readonly #ports = new Map<string, Set<number>>();
  /** Datagrams refused because their exporter was one too many. */
  refused = 0;

  /** `known` are always admitted: a flood of forged exporters must not shut out those of yesterday. */
  constructor(limits: AdmissionLimits, known: Iterable<Exporter>) {
    this.#limits = limits;
    this.#known = new Set(Array.from(known, exporterKey));
    this.#most = this.#known.size + limits.maxNewExporters;
  }

  /** The port to tell this exporter by (null: by its address and domain alone), or undefined where it is refused. */
  admit(address: string, port: number, payload: Uint8Array): number | null | undefined {
    const told = this.#tellsApart(address, port) ? port : null;
    const key = exporterKey({ address, port: told, observationDomainId: domainOf(payload) });
    if (this.#known.has(key)) return told;
    if (this.#known.size >= this.#most) {
      this.refused++;
      return undefined;
    }
    this.#known.add(key);
    return told;
  }

  #tellsApart(address: string, port: number): boolean {
    let ports = this.#ports.get(address);
    if (!ports) {
      // As many addresses as exporters: beyond, a new address is refused anyway.
      if (this.#ports.size >= this.#most) return true;
      this.#ports.set(address, (ports = new Set()));
    }
    if (ports.has(port)) return true;
    if (ports.size >= this.#limits.maxPortsPerAddress) return false;
    ports.add(port);
    return true;
  }
}

/** The observation domain that the header names: v9's source id, v5's engine; 0 for others. */
function domainOf(payload: Uint8Array): number {
  const version = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  if (version === 5) return ((payload[20] ?? 0) << 8) | (payload[21] ?? 0);
  const at = version === 9 ? 16 : version === 10 ? 12 : payload.length;
  return (
    (((payload[at] ?? 0) << 24) |
      ((payload[at + 1] ?? 0) << 16) |
      ((payload[at + 2] ?? 0) << 8) |
      (payload[at + 3] ?? 0)) >>>
    0
  );
}
