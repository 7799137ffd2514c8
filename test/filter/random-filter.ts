/** Random filters that nfdump 1.7.1 and we both know, with values drawn from data and near misses of them. */
import type { ElementValue, SitedBatch } from '../../core/model/flow-batch.ts';

export interface Samples {
  readonly ip4: readonly string[];
  readonly ip6: readonly string[];
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/** Marsaglia's xorshift, which every run repeats. */
export function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const coreNumbers = [
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
  'tcpControlBits',
  'ipClassOfService',
  'octetDeltaCount',
  'packetDeltaCount',
  'ingressInterface',
  'egressInterface',
  'bgpSourceAsNumber',
  'bgpDestinationAsNumber',
] as const;

/** What stands in the data, each value once. */
export function samplesOf(batches: readonly SitedBatch[]): Samples {
  const ip4 = new Set<string>();
  const ip6 = new Set<string>();
  const numbers: Record<string, Set<number>> = {};
  const texts: Record<string, Set<string>> = {};
  const note = (name: string, value: ElementValue | undefined): void => {
    if (typeof value === 'number') (numbers[name] ??= new Set()).add(value);
    if (typeof value === 'string') {
      if (/^\d+$/.test(value)) (numbers[name] ??= new Set()).add(Number(value));
      else (texts[name] ??= new Set()).add(value);
    }
  };
  for (const batch of batches) {
    for (let code = 1; code < batch.addresses.count; code++) {
      (batch.addresses.family(code) === 4 ? ip4 : ip6).add(batch.addresses.text(code));
    }
    for (const name of coreNumbers) for (const value of batch.columns[name]) note(name, value);
    for (let row = 0; row < batch.count; row++) {
      const { flowStartMilliseconds: starts, flowEndMilliseconds: ends } = batch.columns;
      note('duration', Math.max(0, (ends[row] ?? 0) - (starts[row] ?? 0)) || 0);
    }
    for (const [name, { values }] of batch.extras) for (const value of values) note(name, value);
  }
  ip4.delete('0.0.0.0');
  ip6.delete('::');
  return {
    ip4: [...ip4],
    ip6: [...ip6],
    numbers: Object.fromEntries(Object.entries(numbers).map(([name, set]) => [name, [...set]])),
    texts: Object.fromEntries(Object.entries(texts).map(([name, set]) => [name, [...set]])),
  };
}

type Make = (next: Chance, samples: Samples) => string;

/** Draws. */
export class Chance {
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** A value of the data, or one beside it, or any up to `most`. */
  number(samples: Samples, names: readonly string[], most: number): number {
    const values = samples.numbers[this.of(names)] ?? [];
    const kind = this.below(10);
    if (values.length === 0 || kind === 0) return this.below(Math.min(most, 2 ** 31));
    const value = this.of(values);
    return Math.max(0, Math.min(most, Math.trunc(value) + (kind === 1 ? 1 : kind === 2 ? -1 : 0)));
  }

  address(samples: Samples): string {
    const kind = this.below(12);
    if (kind === 0) return `10.${this.below(256)}.${this.below(256)}.${this.below(256)}`;
    if (kind === 1) return '2001:db8::1';
    return kind < 5 && samples.ip6.length > 0 ? this.of(samples.ip6) : this.of(samples.ip4);
  }

  net(samples: Samples): string {
    const address = this.address(samples);
    // An IPv4 address is ::a.b.c.d to nfdump, so that short IPv6 prefixes of zeros hold all of IPv4.
    if (address.includes(':')) return `${address}/${16 + this.below(113)}`;
    return `${address}/${1 + this.below(32)}`;
  }
}

const ends = ['', '', 'src ', 'dst ', 'src or dst ', 'src and dst ', 'dst or src '];
const comparisons = ['', '', '= ', '== ', '> ', '< ', '>= ', '<= ', 'eq ', 'gt ', 'LT ', 'ge ', 'le '];

const list = (make: () => string, next: Chance, comma: string): string =>
  Array.from({ length: 1 + next.below(5) }, make).join(next.of([' ', comma]));

const compared =
  (words: readonly string[], names: readonly string[], most: number, unit = false): Make =>
  (next, samples) => {
    const value = next.number(samples, names, most);
    const shown =
      unit && next.below(5) === 0 ? `${1 + (value % 900)}${next.of(['k', 'M', 'g'])}` : `${value}`;
    return `${next.of(words)} ${next.of(comparisons)}${next.below(30) === 0 ? `0x${value.toString(16)}` : shown}`;
  };

const equal =
  (words: readonly string[], names: readonly string[], most: number): Make =>
  (next, samples) =>
    `${next.of(words)} ${next.number(samples, names, most)}`;

const withEnds = (noun: string): string[] => ends.map((end) => `${end}${noun}`);
const ports = ['sourceTransportPort', 'destinationTransportPort'];
const systems = ['bgpSourceAsNumber', 'bgpDestinationAsNumber'];
const natPorts = ['postNAPTSourceTransportPort', 'postNAPTDestinationTransportPort'];

/**
 * Every kind of primitive, but those of which nfdump 1.7.1 itself makes something else than its manual says:
 * - `ip`, `next ip` and the like with 0.0.0.0 or ::, which to nfdump is also every record without such an address;
 * - `ip in` with commas and prefixes, `as in` with next or prev: syntax errors in nfdump;
 * - `egress acl`: a syntax error in nfdump; `geo`, `count`, `sysid`, `payload regex` and `ja3`: not ours;
 * - `ip in` with a network behind an address or network within it: nfdump drops the network;
 * - `net ADDRESS MASK` of IPv6 flows: nfdump compares the lower half of their addresses with the netmask alone;
 * - `ident`: the name that nfcapd gave a file, where ours is the site.
 */
export const primitives: Readonly<Record<string, Make>> = {
  any: () => 'any',
  family: (next) => next.of(['ipv4', 'ipv6', 'inet', 'INET6']),
  ip: (next, samples) => `${next.of([...withEnds('ip'), ...withEnds('host')])} ${next.address(samples)}`,
  'ip in': (next, samples) =>
    `${next.of(withEnds('ip'))} in [${list(() => next.address(samples), next, ' , ')}]`,
  'ip in networks': (next, samples) => {
    const networks = Array.from({ length: 1 + next.below(3) }, () => next.net(samples));
    const width = (network: string): number =>
      Number(network.split('/')[1]) + (network.includes(':') ? 0 : 96);
    networks.sort((a, b) => width(a) - width(b));
    return `${next.of(withEnds('ip'))} in [${[...networks, next.address(samples)].join(' ')}]`;
  },
  net: (next, samples) => `${next.of(withEnds('net'))} ${next.net(samples)}`,
  netmask: (next, samples) => {
    const address = next.of(samples.ip4);
    const mask = next.of(['255.0.0.0', '255.255.0.0', '255.255.255.240', '255.255.255.255']);
    return `(ipv4 and ${next.of(withEnds('net'))} ${address} ${mask})`;
  },
  'short net': (next, samples) => {
    const [a = '', b = ''] = next.of(samples.ip4).split('.');
    return `${next.of(withEnds('net'))} ${a}.${b}/${1 + next.below(16)}`;
  },
  port: compared(withEnds('port'), ports, 65_535),
  'port in': (next, samples) =>
    `${next.of(withEnds('port'))} in [${list(() => `${next.number(samples, ports, 65_535)}`, next, ', ')}]`,
  as: compared(withEnds('as'), systems, 2 ** 32 - 1),
  'adjacent as': compared(
    ['next as', 'prev as'],
    ['bgpNextAdjacentAsNumber', 'bgpPrevAdjacentAsNumber'],
    2 ** 32 - 1,
  ),
  'as in': (next, samples) =>
    `${next.of(withEnds('as'))} in [${list(() => `${next.number(samples, systems, 2 ** 32 - 1)}`, next, ', ')}]`,
  if: equal(['if', 'in if', 'out if'], ['ingressInterface', 'egressInterface'], 2 ** 32 - 1),
  mask: equal(withEnds('mask'), ['sourceIPv4PrefixLength', 'destinationIPv4PrefixLength'], 255),
  vlan: equal(withEnds('vlan'), ['vlanId', 'postVlanId'], 65_535),
  mac: (next, samples) => {
    const names = [
      'sourceMacAddress',
      'destinationMacAddress',
      'postSourceMacAddress',
      'postDestinationMacAddress',
    ];
    const seen = names.flatMap((name) => samples.texts[name] ?? []).filter((text) => /[1-9a-f]/.test(text));
    const words = ['', 'in ', 'out ', 'src ', 'dst ', 'in src ', 'in dst ', 'out src ', 'out dst '];
    return `${next.of(words)}mac ${seen.length > 0 ? next.of(seen) : '00:11:22:33:44:55'}`;
  },
  'next hops': (next, samples) => {
    const names = [
      'ipNextHopIPv4Address',
      'ipNextHopIPv6Address',
      'bgpNextHopIPv4Address',
      'bgpNextHopIPv6Address',
    ];
    const seen = names.flatMap((name) => samples.texts[name] ?? []).filter((text) => /[1-9a-f]/.test(text));
    return `${next.of(['next', 'bgpnext'])} ip ${seen.length > 0 ? next.of(seen) : '10.1.1.1'}`;
  },
  proto: (next, samples) =>
    next.below(2) === 0
      ? `proto ${next.of(['tcp', 'udp', 'icmp', 'icmp6', 'gre', 'esp', 'TCP', 'igmp', 'ipip', 'ospf', 'sctp'])}`
      : `proto ${next.number(samples, ['protocolIdentifier'], 255)}`,
  flags: (next) => {
    const letters = ['A', 'S', 'F', 'R', 'P', 'U'].filter(() => next.below(3) === 0).join('');
    return `flags ${letters === '' ? next.of(['X', 'S', 'A', 'F']) : letters}`;
  },
  'flags by number': compared(['flags'], ['tcpControlBits'], 63),
  tos: compared(
    ['tos', 'src tos', 'dst tos', 'src or dst tos'],
    ['ipClassOfService', 'postIpClassOfService'],
    255,
  ),
  bytes: compared(['bytes', 'in bytes'], ['octetDeltaCount'], 2 ** 53, true),
  packets: compared(['packets', 'in packets'], ['packetDeltaCount'], 2 ** 53, true),
  'out bytes': compared(['out bytes'], ['postOctetDeltaCount'], 2 ** 53, true),
  'out packets': compared(['out packets'], ['postPacketDeltaCount'], 2 ** 53, true),
  flows: compared(['flows'], ['_aggregatedFlows'], 100),
  duration: compared(['duration'], ['duration'], 2 ** 53, true),
  rates: (next) =>
    `${next.of(['pps', 'bps', 'bpp'])} ${next.of(comparisons)}${next.of(['0', '1', '40', '60', '100', '1k', '1500', '20k', '1m'])}`,
  icmp: (next) =>
    `${next.of(['icmp-type', 'icmp-code'])} ${next.of([0, 1, 3, 8, 10, 11, 13, 128, 129, 135])}`,
  fwdstat: (next, samples) =>
    next.below(3) === 0
      ? `fwdstat ${next.of(['forw', 'Ukwn', 'Drop', 'tadj', 'noroute'])}`
      : `fwdstat ${next.number(samples, ['forwardingStatus'], 255)}`,
  flowdir: (next) => `${next.of(['dir', 'flowdir'])} ${next.of(['ingress', 'egress', '0', '1', '2'])}`,
  router: (next, samples) => `router ip ${next.of([...(samples.texts['_exporter'] ?? []), '10.1.1.1'])}`,
  observation: equal(
    ['observation domain id', 'observation point id'],
    ['observationDomainId', 'observationPointId'],
    2 ** 32 - 1,
  ),
  latency: compared(['client latency', 'server latency', 'app latency'], ['none'], 1000),
  mpls: (next) =>
    next.of([
      `mpls label${1 + next.below(10)} ${next.of(['=', '>', '<'])} ${next.below(50)}`,
      `mpls exp${1 + next.below(10)} ${next.of(['=', '>', '<'])} ${next.below(8)}`,
      `mpls any ${next.below(50)}`,
      `mpls eos ${next.below(50)}`,
    ]),
  tunnel: (next, samples) =>
    next.of([`tun proto ${next.below(60)}`, `${next.of(withEnds('tunip'))} ${next.address(samples)}`]),
  nat: (next, samples) => {
    const names = ['postNATSourceIPv4Address', 'postNATDestinationIPv4Address'];
    const seen = names.flatMap((name) => samples.texts[name] ?? []).filter((text) => text !== '0.0.0.0');
    const address = seen.length > 0 && next.below(5) > 0 ? next.of(seen) : next.of(samples.ip4);
    return next.of([
      `${next.of([...withEnds('nip'), ...withEnds('xip')])} ${address}`,
      `${next.of(withEnds('xip'))} in [${address} ${next.of(samples.ip4)}]`,
      `${next.of(withEnds('xnet'))} ${address}/${8 + next.below(25)}`,
    ]);
  },
  'nat ports': compared([...withEnds('nport'), ...withEnds('xport')], natPorts, 65_535),
  'nat event': (next, samples) =>
    next.below(2) === 0
      ? `nat event ${next.of(['add', 'create', 'delete', 'invalid'])}`
      : compared(['nat event'], ['natEvent'], 255)(next, samples),
  'asa event': (next, samples) =>
    next.below(2) === 0
      ? `asa event ${next.of(['create', 'term', 'delete', 'deny', 'ignore'])}`
      : compared(['asa event'], ['_nselEvent'], 255)(next, samples),
  'asa denied': (next) => `asa event denied ${next.of(['ingress', 'egress', 'interface', 'nosyn'])}`,
  'asa xevent': compared(['asa xevent'], ['_nselExtEvent'], 65_535),
  vrf: compared(['ingress vrf', 'egress vrf'], ['ingressVRFID', 'egressVRFID'], 2 ** 32 - 1),
  acl: (next, samples) => {
    const entry = next.of([...(samples.texts['_ingressAcl'] ?? []), '0x1/0x2/0x3']).split('/');
    const index = next.below(3);
    return `ingress ${['acl', 'ace', 'xace'][index]} ${next.of(comparisons)}${Number(entry[index] ?? 0)}`;
  },
  pblock: compared(
    ['pblock start', 'pblock end', 'pblock step'],
    ['portRangeStart', 'portRangeEnd', 'portRangeStepSize'],
    65_535,
  ),
  'port in pblock': (next) => `${next.of(['', 'src ', 'dst '])}port in pblock`,
};

/**
 * Kinds for flows that end after they begin, because the others last almost 2^64 ms to nfdump, and that carry no firewall
 * event, because nfdump keeps those and NAT events in one place.
 */
export const needingOrder: readonly string[] = ['duration', 'rates', 'nat event'];

/** A filter of one to about eight primitives of the `kinds`; `first` is among them, so that each kind has its turn. */
export function randomFilter(
  next: Chance,
  samples: Samples,
  first: string,
  kinds: readonly string[],
): string {
  const primitive = (kind: string): string => primitives[kind]?.(next, samples) ?? 'any';
  const grow = (depth: number, kind: string): string => {
    const form = depth === 0 ? 0 : next.below(8);
    const more = (): string => grow(depth - 1, next.of(kinds));
    if (form <= 2) return primitive(kind);
    if (form === 3) return `${next.of(['not ', '! ', 'NOT '])}${grow(depth - 1, kind)}`;
    if (form === 4) return `(${grow(depth - 1, kind)})`;
    if (form === 5) return `not (${grow(depth - 1, kind)} ${next.of(['and', 'or'])} ${more()})`;
    const joint = next.of(form === 6 ? ['and', '&&', 'AND'] : ['or', '||', 'Or']);
    return `${grow(depth - 1, kind)} ${joint} ${more()}`;
  };
  return grow(3, first);
}
