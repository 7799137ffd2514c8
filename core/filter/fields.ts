/**
 * The table of fields: every phrase of nfdump's filter language, what value follows it, and where that is stored. The
 * parser, the highlighting, the completion and the compiler all read this one table.
 */
import type { CoreColumnName } from '../model/flow-batch.ts';
import {
  denyReasons,
  firewallEvents,
  flowDirections,
  forwardingStates,
  natEvents,
  protocolNames,
  serviceNames,
} from './names.ts';

/** What may follow a phrase. */
export type ValueGrammar =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'number';
      readonly what: string;
      readonly most: bigint;
      readonly names?: ReadonlyMap<string, number>;
    }
  | { readonly kind: 'address' | 'net' | 'mac' | 'text' | 'flags'; readonly what: string }
  /** nfdump's, but not answerable from stored flows: the sentence says what to do instead. */
  | { readonly kind: 'refused'; readonly why: string };

/** Where a value is stored. Extras: the first that the row has; none counts as `absent` or 0, as nfdump has it. */
export type Source =
  | { readonly by: 'column'; readonly name: CoreColumnName; readonly shift?: number }
  | { readonly by: 'extra'; readonly names: readonly string[]; readonly absent?: number }
  | { readonly by: 'address'; readonly name: 'sourceAddress' | 'destinationAddress' }
  | { readonly by: 'extraAddress'; readonly names: readonly string[] }
  | { readonly by: 'text'; readonly names: readonly string[] }
  | { readonly by: 'rate'; readonly what: 'duration' | 'pps' | 'bps' | 'bpp' }
  | { readonly by: 'exporter'; readonly what: 'address' | 'id' | 'engineType' | 'engineId' | 'site' }
  | { readonly by: 'icmp'; readonly what: 'type' | 'code' }
  | { readonly by: 'mpls'; readonly part: 'label' | 'exp' | 'bottom'; readonly index: number }
  | { readonly by: 'acl'; readonly name: string; readonly index: number }
  | { readonly by: 'portBlock'; readonly name: 'sourceTransportPort' | 'destinationTransportPort' }
  | { readonly by: 'denied' | 'version' | 'payload' | 'flags' | 'family4' | 'family6' | 'every' };

export interface Field {
  /** Lower-case words: `src port`. */
  readonly phrase: string;
  readonly hint: string;
  readonly value: ValueGrammar;
  readonly sources: readonly Source[];
  /** Whether one source must pass, or every one. */
  readonly join: 'any' | 'all';
}

const number = (what: string, bits: number, names?: ReadonlyMap<string, number>): ValueGrammar => ({
  kind: 'number',
  what,
  most: 2n ** BigInt(bits) - 1n,
  ...(names && { names }),
});
const column = (name: CoreColumnName): Source => ({ by: 'column', name });
const extra = (...names: string[]): Source => ({ by: 'extra', names });
const text = (...names: string[]): Source => ({ by: 'text', names });

const fields = new Map<string, Field>();

/** A `phrase` may begin with alternatives (`ip|host`). */
function add(
  phrase: string,
  hint: string,
  value: ValueGrammar,
  sources: readonly Source[],
  join: 'any' | 'all' = 'any',
): void {
  const slot = phrase.split(' ').findIndex((word) => word.includes('|'));
  const words = phrase.split(' ');
  for (const one of slot === -1 ? [''] : (words[slot] ?? '').split('|')) {
    const full = words.map((word, i) => (i === slot ? one : word)).join(' ');
    fields.set(full, { phrase: full, hint, value, sources, join });
  }
}

/** A noun with `src`, `dst`, neither or both before it. */
function addEnds(noun: string, hint: string, value: ValueGrammar, source: Source, destination: Source): void {
  add(`src ${noun}`, `source ${hint}`, value, [source]);
  add(`dst ${noun}`, `destination ${hint}`, value, [destination]);
  const both = [source, destination];
  add(noun, `source or destination ${hint}`, value, both);
  add(`any ${noun}`, `source or destination ${hint}`, value, both);
  for (const ends of ['src {} dst', 'dst {} src']) {
    add(`${ends.replace('{}', 'or')} ${noun}`, `source or destination ${hint}`, value, both);
    add(`${ends.replace('{}', 'and')} ${noun}`, `source and destination ${hint}`, value, both, 'all');
  }
}

const address: ValueGrammar = { kind: 'address', what: 'an IPv4 or IPv6 address' };
const net: ValueGrammar = { kind: 'net', what: 'a network such as 10.0.0.0/8' };
const mac: ValueGrammar = { kind: 'mac', what: 'a MAC address such as 00:1b:21:3c:4d:5e' };
const name = (what: string): ValueGrammar => ({ kind: 'text', what });
const none: ValueGrammar = { kind: 'none' };
const port = number('a port number or service name', 16, serviceNames);
const natPort = number('a port number or service name', 16, serviceNames);

const source: Source = { by: 'address', name: 'sourceAddress' };
const destination: Source = { by: 'address', name: 'destinationAddress' };
const natSource: Source = {
  by: 'extraAddress',
  names: ['postNATSourceIPv4Address', 'postNATSourceIPv6Address'],
};
const natDestination: Source = {
  by: 'extraAddress',
  names: ['postNATDestinationIPv4Address', 'postNATDestinationIPv6Address'],
};
const tunnelSource: Source = { by: 'extraAddress', names: ['_nf_src4_tun_ip', '_nf_src6_tun_ip'] };
const tunnelDestination: Source = { by: 'extraAddress', names: ['_nf_dst4_tun_ip', '_nf_dst6_tun_ip'] };

add('any', 'every flow', none, [{ by: 'every' }]);
add('ipv4|inet', 'flows between IPv4 addresses', none, [{ by: 'family4' }]);
add('ipv6|inet6', 'flows between IPv6 addresses', none, [{ by: 'family6' }]);
addEnds('ip|host', 'address', address, source, destination);
addEnds('net', 'network', net, source, destination);
addEnds('port', 'port', port, column('sourceTransportPort'), column('destinationTransportPort'));
for (const [ends, sources] of [
  ['src ', ['sourceTransportPort']],
  ['dst ', ['destinationTransportPort']],
  ['', ['sourceTransportPort', 'destinationTransportPort']],
] as const) {
  const blocks = sources.map((of): Source => ({ by: 'portBlock', name: of }));
  add(`${ends}port in pblock`, 'port within the NAT port block', none, blocks);
}
const as = number('an AS number', 32);
addEnds('as', 'AS number', as, column('bgpSourceAsNumber'), column('bgpDestinationAsNumber'));
add('prev|previous as', 'previous adjacent AS number', as, [extra('bgpPrevAdjacentAsNumber')]);
add('next as', 'next adjacent AS number', as, [extra('bgpNextAdjacentAsNumber')]);
addEnds(
  'mask',
  'prefix length',
  number('a prefix length', 8),
  extra('sourceIPv4PrefixLength', 'sourceIPv6PrefixLength'),
  extra('destinationIPv4PrefixLength', 'destinationIPv6PrefixLength'),
);
const vlan = number('a VLAN number', 16);
addEnds('vlan', 'VLAN', vlan, extra('vlanId', 'dot1qVlanId'), extra('postVlanId', 'postDot1qVlanId'));
const tos = number('a type of service', 8);
const firstTos = column('ipClassOfService');
const postTos = extra('postIpClassOfService');
addEnds('tos', 'type of service', tos, firstTos, postTos);
add('tos', 'type of service', tos, [firstTos]);
add('dscp', 'differentiated services code point', number('a code point', 6), [
  { by: 'column', name: 'ipClassOfService', shift: 2 },
]);
const input = column('ingressInterface');
const output = column('egressInterface');
const snmp = number('an interface number', 32);
add('if', 'input or output interface', snmp, [input, output]);
add('in if', 'input interface', snmp, [input]);
add('out if', 'output interface', snmp, [output]);
const macs = {
  'in src': text('sourceMacAddress'),
  'in dst': text('destinationMacAddress'),
  'out src': text('postSourceMacAddress'),
  'out dst': text('postDestinationMacAddress'),
};
for (const words of ['', 'in', 'out', 'src', 'dst', ...Object.keys(macs)]) {
  const of = Object.entries(macs).filter(([key]) => words.split(' ').every((word) => key.includes(word)));
  add(
    `${words} mac`.trim(),
    'MAC address',
    mac,
    of.map(([, one]) => one),
  );
}
add('next ip|host', 'next hop', address, [
  { by: 'extraAddress', names: ['ipNextHopIPv4Address', 'ipNextHopIPv6Address'] },
]);
add('bgpnext ip|host', 'BGP next hop', address, [
  { by: 'extraAddress', names: ['bgpNextHopIPv4Address', 'bgpNextHopIPv6Address'] },
]);
for (const words of ['router', 'exporter']) {
  add(`${words} ip|host`, 'address of the exporter', address, [{ by: 'exporter', what: 'address' }]);
}
const domain = number('an observation domain', 32);
add('exporter id', 'observation domain or source id of the exporter', domain, [
  { by: 'exporter', what: 'id' },
]);
add('observation domain id', 'observation domain in the record', domain, [extra('observationDomainId')]);
add('observation point id', 'observation point in the record', number('an observation point', 64), [
  extra('observationPointId'),
]);
add('engine-type', 'engine type of the exporter', number('an engine type', 8), [
  { by: 'exporter', what: 'engineType' },
]);
add('engine-id', 'engine id of the exporter', number('an engine id', 8), [
  { by: 'exporter', what: 'engineId' },
]);
add('site|ident', 'site of the exporter', name('a site'), [{ by: 'exporter', what: 'site' }]);
add('nfversion', 'version of the export protocol', number('a version', 8), [{ by: 'version' }]);
add('proto', 'protocol', number('a protocol name or number', 8, protocolNames), [
  column('protocolIdentifier'),
]);
add('flags', 'TCP flags', { kind: 'flags', what: 'flags from the letters A, S, F, R, P, U, X or a number' }, [
  { by: 'flags' },
]);
add('icmp-type', 'ICMP type', number('an ICMP type', 8), [{ by: 'icmp', what: 'type' }]);
add('icmp-code', 'ICMP code', number('an ICMP code', 8), [{ by: 'icmp', what: 'code' }]);
const count = number('a number such as 100, 10k or 5m', 64);
for (const words of ['', 'in ']) {
  add(`${words}bytes`, 'bytes', count, [column('octetDeltaCount')]);
  add(`${words}packets`, 'packets', count, [column('packetDeltaCount')]);
}
add('out bytes', 'bytes of the reverse direction', count, [
  extra('postOctetDeltaCount', 'reverseOctetDeltaCount'),
]);
add('out packets', 'packets of the reverse direction', count, [
  extra('postPacketDeltaCount', 'reversePacketDeltaCount'),
]);
add('flows', 'flows that the record sums up', count, [
  { by: 'extra', names: ['_aggregatedFlows', 'deltaFlowCount'], absent: 1 },
]);
add('duration', 'duration', number('milliseconds', 64), [{ by: 'rate', what: 'duration' }]);
add('pps', 'packets a second', count, [{ by: 'rate', what: 'pps' }]);
add('bps', 'bits a second', count, [{ by: 'rate', what: 'bps' }]);
add('bpp', 'bytes a packet', count, [{ by: 'rate', what: 'bpp' }]);
add('fwdstat', 'forwarding status', number('a forwarding status', 8, forwardingStates), [
  extra('forwardingStatus'),
]);
add('dir|flowdir', 'flow direction', number('ingress, egress or a number', 8, flowDirections), [
  extra('flowDirection'),
]);
for (const side of ['client', 'server', 'app'] as const) {
  const stored = { client: '_nf_cli_latency', server: '_nf_srv_latency', app: '_nf_app_latency' }[side];
  add(`${side} latency`, `${side} latency`, number('milliseconds', 64), [extra(stored)]);
}
add('tun proto', 'protocol of the tunnel', number('a protocol name or number', 8, protocolNames), [
  extra('_nf_tun_proto'),
]);
addEnds('tunip', 'address of the tunnel', address, tunnelSource, tunnelDestination);
for (let i = 1; i <= 10; i++) {
  const of = `of MPLS label ${i}`;
  add(`mpls label${i}`, `value ${of}`, number('a label', 24), [{ by: 'mpls', part: 'label', index: i - 1 }]);
  add(`mpls exp${i}`, `traffic class ${of}`, number('a class from 0 to 7', 3), [
    { by: 'mpls', part: 'exp', index: i - 1 },
  ]);
}
for (const word of ['eos', 'any']) {
  add(`mpls ${word}`, 'MPLS label at the bottom of the stack', number('a label', 24), [
    { by: 'mpls', part: 'bottom', index: 0 },
  ]);
}
addEnds('nip|xip', 'address after NAT', address, natSource, natDestination);
addEnds('xnet', 'network after NAT', net, natSource, natDestination);
addEnds(
  'nport|xport',
  'port after NAT',
  natPort,
  extra('postNAPTSourceTransportPort'),
  extra('postNAPTDestinationTransportPort'),
);
const firewallEvent = extra('_nselEvent', 'firewallEvent');
add('asa event', 'firewall event', number('an event', 8, firewallEvents), [firewallEvent]);
add('asa event denied', 'firewall event denied, and why', number('a reason', 16, denyReasons), [
  { by: 'denied' },
]);
add('asa xevent', 'extended firewall event', number('an extended event', 16), [extra('_nselExtEvent')]);
add('nat event', 'NAT event', number('an event', 8, natEvents), [extra('natEvent')]);
add('ingress vrf', 'VRF of the input', number('a VRF', 32), [extra('ingressVRFID')]);
add('egress vrf', 'VRF of the output', number('a VRF', 32), [extra('egressVRFID')]);
for (const [index, word] of ['acl', 'ace', 'xace'].entries()) {
  add(`ingress ${word}`, `${word.toUpperCase()} of the input`, number('a number', 32), [
    { by: 'acl', name: '_ingressAcl', index },
  ]);
}
add('egress acl', 'ACL of the output', number('a number', 32), [{ by: 'acl', name: '_egressAcl', index: 0 }]);
for (const [word, stored] of Object.entries({
  start: 'portRangeStart',
  end: 'portRangeEnd',
  step: 'portRangeStepSize',
  size: 'portRangeNumPorts',
})) {
  add(`pblock ${word}`, `${word} of the NAT port block`, number('a port number', 16), [extra(stored)]);
}
add('flowlabel', 'label that nfdump gave the flow', name('a label'), [text('_nf_label')]);
add('payload content', 'text within the payload', name("a text such as 'GET'"), [{ by: 'payload' }]);

const refused: readonly (readonly [string, string])[] = [
  ['count', 'count is the place of a record in an nfcapd file, which stored flows do not keep'],
  ['sysid', 'sysid is a number that nfdump gives out itself; write "exporter ip" or "exporter id" instead'],
  [
    'geo|src geo|dst geo',
    'geo needs a country database, which a filter does not have; ask for the top countries instead',
  ],
  [
    'payload regex',
    'payload regex is not offered, because an expression may never end; write "payload content" instead',
  ],
  [
    'payload ja3',
    'payload ja3 is not offered, because flows do not keep the fingerprint; write "payload content" instead',
  ],
];
for (const [phrases, why] of refused) {
  for (const phrase of phrases.split('|')) add(phrase, 'not offered', { kind: 'refused', why }, []);
}

/** Every phrase, by its text. */
export const fieldTable: ReadonlyMap<string, Field> = fields;

/** Phrases as a tree of words. */
export interface PhraseTree {
  readonly field: Field | undefined;
  readonly next: ReadonlyMap<string, PhraseTree>;
}

interface GrowingTree {
  field: Field | undefined;
  readonly next: Map<string, GrowingTree>;
}

function growTree(): PhraseTree {
  const root: GrowingTree = { field: undefined, next: new Map() };
  for (const field of fields.values()) {
    let at = root;
    for (const word of field.phrase.split(' ')) {
      let below = at.next.get(word);
      if (!below) at.next.set(word, (below = { field: undefined, next: new Map() }));
      at = below;
    }
    at.field = field;
  }
  return root;
}

/** What the parser walks. */
export const phraseTree: PhraseTree = growTree();
