/** A first guess at what the columns of an unknown table mean, for a person to correct. */
import { parseAddress } from '../model/address.ts';
import { headRecords, parseObject, recogniseTable, splitTitles } from './text.ts';
import { splitFields } from './text-lines.ts';
import type { ColumnRule, TableMapping } from './text-mapping.ts';
import { TimeReader, type TimeUnit } from './text-values.ts';

/** Names that columns bear, letters and digits only, by what they mean; the first column that fits an element gets it. */
const names: Readonly<Record<string, readonly string[]>> = {
  sourceAddress:
    'sourceaddress sourceipv4address sourceipv6address srcaddr srcip srcaddress sourceip sa sip saddr src source ipsrc idorigh origh clientip client'.split(
      ' ',
    ),
  destinationAddress:
    'destinationaddress destinationipv4address destinationipv6address dstaddr dstip dstaddress destinationip destip da dip daddr dst dest destination ipdst idresph resph serverip server'.split(
      ' ',
    ),
  sourceTransportPort:
    'sourcetransportport sourceport srcport sport sp srcpt idorigp origp l4srcport clientport'.split(' '),
  destinationTransportPort:
    'destinationtransportport destinationport dstport destport dport dp dstpt idrespp respp l4dstport serverport dsport'.split(
      ' ',
    ),
  protocolIdentifier: 'protocolidentifier protocol proto pr pro prot ipprotocol transport'.split(' '),
  tcpControlBits: 'tcpcontrolbits tcpflags flags flg'.split(' '),
  ipClassOfService: 'ipclassofservice tos stos dscp'.split(' '),
  packetDeltaCount:
    'packetdeltacount packets pkts ipkt inpkts srcpkts spkts dpkts packetcount numpackets packetssent pktssent origpkts totalfwdpackets totfwdpkts'.split(
      ' ',
    ),
  octetDeltaCount:
    'octetdeltacount bytes octets ibyt inbytes srcbytes sbytes doctets bytecount numbytes bytessent size origbytes totallengthoffwdpackets totlenfwdpkts'.split(
      ' ',
    ),
  reversePacketDeltaCount:
    'reversepacketdeltacount opkt outpkts dstpkts dpkts packetsreceived pktsreceived resppkts totalbackwardpackets totbwdpkts'.split(
      ' ',
    ),
  reverseOctetDeltaCount:
    'reverseoctetdeltacount obyt outbytes dstbytes dbytes bytesreceived respbytes totallengthofbwdpackets totlenbwdpkts'.split(
      ' ',
    ),
  flowStartMilliseconds:
    'flowstartmilliseconds starttime start stime ts first firstseen firstswitched flowstart begin timestamp time date datetime'.split(
      ' ',
    ),
  flowEndMilliseconds:
    'flowendmilliseconds endtime end etime te ltime last lasttime lastseen lastswitched flowend finish'.split(
      ' ',
    ),
  flowDurationMilliseconds: 'flowdurationmilliseconds duration dur td elapsed flowduration'.split(' '),
  ingressInterface: 'ingressinterface input inputsnmp inif ininterface'.split(' '),
  egressInterface: 'egressinterface output outputsnmp outif outinterface'.split(' '),
  bgpSourceAsNumber: 'bgpsourceasnumber srcas sas sourceas'.split(' '),
  bgpDestinationAsNumber: 'bgpdestinationasnumber dstas das destinationas'.split(' '),
  _exporter: 'exporter router sampler agent exporteraddress device'.split(' '),
};

const delimiters = [',', '\t', '|', ';', ' '];

/** More columns than a mapping keeps are left to the person. */
const MAX_PROPOSED = 48;

/**
 * The mapping that the head of a text file suggests; that of a known table where it is one. Undefined where the text is
 * no table.
 */
export function proposeMapping(head: Uint8Array): TableMapping | undefined {
  const known = recogniseTable(head, undefined);
  if (known) return onlyColumns(known.mapping, known.titles);
  const [first, second] = headRecords(head);
  if (!first) return undefined;
  const object = parseObject(first.text);
  if (object) return guess('json', ',', true, Object.keys(object), Object.values(object).map(String));
  const widths = delimiters.map((delimiter) => splitTitles(first.text, delimiter).length);
  const delimiter = delimiters[widths.indexOf(Math.max(...widths))] ?? ',';
  const fields = splitTitles(first.text, delimiter);
  if (fields.length < 3) return undefined;
  // A header names addresses, and holds none.
  const header = !fields.some((field) => parseAddress(field) !== undefined);
  const titles = header ? fields : fields.map((_, i) => String(i + 1));
  const sample = header ? splitFields(second?.text ?? '', delimiter).map((field) => field.trim()) : fields;
  return guess('delimited', delimiter, header, titles, sample);
}

function onlyColumns(mapping: TableMapping, titles: readonly string[]): TableMapping {
  const columns = Object.entries(mapping.columns).filter(([title]) => titles.includes(title));
  return { ...mapping, columns: Object.fromEntries(columns) };
}

function guess(
  format: TableMapping['format'],
  delimiter: string,
  header: boolean,
  titles: readonly string[],
  sample: readonly string[],
): TableMapping {
  const columns: Record<string, ColumnRule> = {};
  const taken = new Set<string>();
  const take = (title: string, element: string, unit?: TimeUnit): void => {
    taken.add(element);
    columns[title] = unit ? { element, unit } : { element };
  };
  for (const [i, title] of titles.slice(0, MAX_PROPOSED).entries()) {
    const plain = title.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    const value = sample[i] ?? '';
    const named = Object.entries(names).find(([element, all]) => all.includes(plain) && !taken.has(element));
    const element = named?.[0] ?? (header ? undefined : guessByValue(value, taken));
    if (element !== undefined) take(title, element, unitOf(element, value));
    else take(title, `_${title.replaceAll(/\W/g, '_')}`);
  }
  return { format, delimiter, quotes: true, header, comment: '', absent: ['-'], zone: 'UTC', columns };
}

/** Without names, the first two addresses are taken for source and destination. */
function guessByValue(value: string, taken: ReadonlySet<string>): string | undefined {
  if (parseAddress(value)) {
    return ['sourceAddress', 'destinationAddress'].find((element) => !taken.has(element));
  }
  const isTime = !Number.isNaN(new TimeReader('calendar', 0).read(value));
  return isTime
    ? ['flowStartMilliseconds', 'flowEndMilliseconds'].find((element) => !taken.has(element))
    : undefined;
}

/** Ten digits before the point are seconds of these decades, thirteen milliseconds, and so on. */
function unitOf(element: string, value: string): TimeUnit | undefined {
  if (element === 'flowDurationMilliseconds') return value.includes('.') ? 'seconds' : 'milliseconds';
  if (element !== 'flowStartMilliseconds' && element !== 'flowEndMilliseconds') return undefined;
  const [whole = ''] = /^\d+/.exec(value) ?? [];
  if (whole.length === value.length || /^\d+\.\d*$/.test(value)) {
    if (whole.length >= 18) return 'nanoseconds';
    if (whole.length >= 15) return 'microseconds';
    return whole.length >= 12 ? 'milliseconds' : 'seconds';
  }
  return 'calendar';
}
