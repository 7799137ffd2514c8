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

/** The domain that the header names: v9's source id, IPFIX's domain, sFlow's sub-agent, the engine of v5; 0 for others. */
function domainOf(payload: Uint8Array): number {
  const first = u32(payload, 0);
  // sFlow: version, kind of the agent's address (1: IPv4, 2: IPv6), the address, the sub-agent.
  if (first === 5) return u32(payload, u32(payload, 4) === 2 ? 24 : 12);
  const version = first >>> 16;
  if (version === 5 || version === 8) return u32(payload, 20) >>> 16;
  return version === 9 ? u32(payload, 16) : version === 10 ? u32(payload, 12) : 0;
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
