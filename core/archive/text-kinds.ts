/** Tables of flows that tools print, each as a mapping: how its header is known, and what its columns mean. */
import type { ColumnRule, TableMapping } from './text-mapping.ts';

export type TextKind = 'nfdump-csv' | 'binetflow' | 'rwcut' | 'zeek' | 'csv';

interface KnownTable {
  readonly kind: TextKind;
  /** Columns that the header must have. */
  readonly header: readonly string[];
  readonly mapping: TableMapping;
  /** A line that is this and no more begins a summary, up to the next header. */
  readonly summary?: string;
}

const at = (element: string, unit?: ColumnRule['unit']): ColumnRule =>
  unit ? { element, unit } : { element };

const delimited = {
  format: 'delimited',
  delimiter: ',',
  quotes: true,
  header: true,
  comment: '',
  zone: 'UTC',
} as const;

/** `nfdump -o csv` up to 1.7.2. Its times have whole seconds, its duration three places. */
const nfdumpCsv: TableMapping = {
  ...delimited,
  absent: [],
  columns: {
    ts: at('flowStartMilliseconds'),
    te: at('flowEndMilliseconds'),
    td: at('_duration'),
    sa: at('sourceAddress'),
    da: at('destinationAddress'),
    sp: at('sourceTransportPort'),
    dp: at('destinationTransportPort'),
    pr: at('protocolIdentifier'),
    flg: at('tcpControlBits'),
    fwd: at('forwardingStatus'),
    stos: at('ipClassOfService'),
    ipkt: at('packetDeltaCount'),
    ibyt: at('octetDeltaCount'),
    opkt: at('postPacketDeltaCount'),
    obyt: at('postOctetDeltaCount'),
    in: at('ingressInterface'),
    out: at('egressInterface'),
    sas: at('bgpSourceAsNumber'),
    das: at('bgpDestinationAsNumber'),
    smk: at('_sourceMask'),
    dmk: at('_destinationMask'),
    dtos: at('postIpClassOfService'),
    dir: at('flowDirection'),
    nh: at('_nextHop'),
    nhb: at('_bgpNextHop'),
    svln: at('vlanId'),
    dvln: at('postVlanId'),
    ismc: at('sourceMacAddress'),
    odmc: at('postDestinationMacAddress'),
    idmc: at('destinationMacAddress'),
    osmc: at('postSourceMacAddress'),
    ra: at('_exporter'),
    eng: at('_engine'),
    exid: at('_exporterId'),
    tr: at('collectionTimeMilliseconds'),
  },
};

/** `nfdump -o csv` of 1.7.3 and later. */
const nfdumpShortCsv: TableMapping = {
  ...delimited,
  absent: [],
  columns: {
    firstSeen: at('flowStartMilliseconds'),
    duration: at('flowDurationMilliseconds', 'seconds'),
    proto: at('protocolIdentifier'),
    srcAddr: at('sourceAddress'),
    srcPort: at('sourceTransportPort'),
    dstAddr: at('destinationAddress'),
    dstPort: at('destinationTransportPort'),
    packets: at('packetDeltaCount'),
    bytes: at('octetDeltaCount'),
    flows: at('deltaFlowCount'),
  },
};

/** Argus' `ra` as the CTU data sets have it: both directions in one line, the source's part of the counters beside the sum. */
const binetflow: TableMapping = {
  ...delimited,
  absent: [],
  columns: {
    StartTime: at('flowStartMilliseconds'),
    Dur: at('flowDurationMilliseconds', 'seconds'),
    Proto: at('protocolIdentifier'),
    SrcAddr: at('sourceAddress'),
    Sport: at('sourceTransportPort'),
    Dir: at('_direction'),
    DstAddr: at('destinationAddress'),
    Dport: at('destinationTransportPort'),
    State: at('_argusState'),
    sTos: at('ipClassOfService'),
    dTos: at('reverseIpClassOfService'),
    TotPkts: at('_totalPackets'),
    TotBytes: at('_totalOctets'),
    SrcBytes: at('octetDeltaCount'),
    SrcPkts: at('packetDeltaCount'),
    Label: at('_label'),
  },
};

/** SiLK's `rwcut`, whose columns may be any of its fields. */
const rwcut: TableMapping = {
  ...delimited,
  delimiter: '|',
  quotes: false,
  absent: [],
  columns: {
    sIP: at('sourceAddress'),
    dIP: at('destinationAddress'),
    sPort: at('sourceTransportPort'),
    dPort: at('destinationTransportPort'),
    pro: at('protocolIdentifier'),
    protocol: at('protocolIdentifier'),
    packets: at('packetDeltaCount'),
    pkts: at('packetDeltaCount'),
    bytes: at('octetDeltaCount'),
    flags: at('tcpControlBits'),
    sTime: at('flowStartMilliseconds'),
    dur: at('flowDurationMilliseconds', 'seconds'),
    duration: at('flowDurationMilliseconds', 'seconds'),
    durat: at('flowDurationMilliseconds', 'seconds'),
    eTime: at('flowEndMilliseconds'),
    sen: at('_sensor'),
    sensor: at('_sensor'),
    in: at('ingressInterface'),
    out: at('egressInterface'),
    nhIP: at('_nextHop'),
    initialF: at('initialTCPFlags'),
    initialFlags: at('initialTCPFlags'),
    sessionF: at('unionTCPFlags'),
    sessionFlags: at('unionTCPFlags'),
    attribut: at('_attributes'),
    attributes: at('_attributes'),
    appli: at('_application'),
    application: at('_application'),
    class: at('_class'),
    type: at('_type'),
    iType: at('icmpTypeIPv4'),
    iCode: at('icmpCodeIPv4'),
  },
};

const zeekColumns: TableMapping['columns'] = {
  ts: at('flowStartMilliseconds', 'seconds'),
  uid: at('_uid'),
  'id.orig_h': at('sourceAddress'),
  'id.orig_p': at('sourceTransportPort'),
  'id.resp_h': at('destinationAddress'),
  'id.resp_p': at('destinationTransportPort'),
  proto: at('protocolIdentifier'),
  service: at('_service'),
  duration: at('flowDurationMilliseconds', 'seconds'),
  conn_state: at('_connectionState'),
  history: at('_zeekHistory'),
  missed_bytes: at('_missedOctets'),
  orig_pkts: at('packetDeltaCount'),
  orig_ip_bytes: at('octetDeltaCount'),
  resp_pkts: at('reversePacketDeltaCount'),
  resp_ip_bytes: at('reverseOctetDeltaCount'),
  orig_bytes: at('_payloadOctets'),
  resp_bytes: at('_reversePayloadOctets'),
  orig_l2_addr: at('sourceMacAddress'),
  resp_l2_addr: at('destinationMacAddress'),
  vlan: at('vlanId'),
};

const zeekHeader = ['ts', 'id.orig_h', 'id.resp_h', 'proto', 'conn_state'];

/** Zeek's conn.log, tab-separated. */
const zeek: TableMapping = {
  ...delimited,
  delimiter: '\t',
  quotes: false,
  comment: '#',
  absent: ['-', '(empty)'],
  columns: zeekColumns,
};

export const knownTables: readonly KnownTable[] = [
  {
    kind: 'nfdump-csv',
    header: ['ts', 'te', 'td', 'sa', 'da', 'sp', 'dp', 'pr'],
    mapping: nfdumpCsv,
    summary: 'Summary',
  },
  {
    kind: 'nfdump-csv',
    header: ['firstSeen', 'duration', 'proto', 'srcAddr', 'dstAddr'],
    mapping: nfdumpShortCsv,
    summary: 'Summary',
  },
  { kind: 'binetflow', header: ['StartTime', 'Dur', 'Proto', 'SrcAddr', 'DstAddr'], mapping: binetflow },
  { kind: 'rwcut', header: ['sIP', 'dIP'], mapping: rwcut },
  { kind: 'zeek', header: zeekHeader, mapping: zeek },
];

/** Zeek's conn.log as JSON lines: the same names. Whole numbers of seconds are written as they are. */
export const zeekJson: KnownTable = {
  kind: 'zeek',
  header: ['ts', 'id.orig_h', 'id.resp_h', 'proto', 'conn_state'],
  mapping: { ...zeek, format: 'json' },
};
