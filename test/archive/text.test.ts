import { describe, expect, it } from 'vitest';
import { loadElements } from '../../core/app/resources.ts';
import { parseMapping } from '../../core/archive/text-mapping.ts';
import { proposeMapping } from '../../core/archive/text-proposal.ts';
import { concat, ascii } from '../build/octets.ts';
import {
  binetflowHeader,
  binetflowLine,
  lines,
  nfdumpHeader,
  nfdumpLine,
  nfdumpSummary,
  rwcutHeader,
  rwcutLine,
  zeekHead,
  zeekJsonLine,
  zeekLine,
} from '../build/tables.ts';
import { read } from './run.ts';

const zeekRecord = {
  _uid: 'C5bLoe2Mvxqhawzqqd',
  sourceIPv4Address: '192.168.4.76',
  sourceTransportPort: 46_378,
  destinationIPv4Address: '31.3.245.133',
  destinationTransportPort: 80,
  protocolIdentifier: 6,
  _service: 'http',
  _connectionState: 'SF',
  _zeekHistory: 'ShADadFf',
  packetDeltaCount: 6,
  octetDeltaCount: 397,
  reversePacketDeltaCount: 4,
  reverseOctetDeltaCount: 511,
  tcpControlBits: 19,
  reverseTcpControlBits: 19,
  _startMs: 1_591_367_999_430,
  _endMs: 1_591_367_999_684,
};

describe('tables that are known', () => {
  it('nfdump -o csv', () => {
    const { records, issues, summary, chunks } = read(lines(nfdumpHeader, nfdumpLine, ...nfdumpSummary));
    expect(issues).toEqual([]);
    expect(summary.kind).toBe('nfdump-csv');
    expect(Object.fromEntries(summary.skipped)).toEqual({ 'summary line': 3 });
    expect(records).toMatchObject([
      {
        sourceIPv4Address: '10.1.0.232',
        destinationIPv4Address: '10.4.0.251',
        sourceTransportPort: 443,
        destinationTransportPort: 51_369,
        protocolIdentifier: 6,
        tcpControlBits: 27,
        packetDeltaCount: 15,
        octetDeltaCount: 1920,
        ingressInterface: 4,
        sourceMacAddress: '06:be:ef:be:ef:4f',
        _startMs: Date.UTC(2016, 8, 10, 15, 20, 10),
        _endMs: Date.UTC(2016, 8, 10, 15, 22, 30),
        _receivedMs: Date.UTC(2026, 10, 21, 0, 35, 26, 841),
      },
    ]);
    expect(chunks[0]?.batch.exporters).toMatchObject([{ address: '127.0.0.10' }]);
    expect(chunks[0]?.batch.columns.sourceOffset[0]).toBe(nfdumpHeader.length + 1);
  });

  it('nfdump -o csv of 1.7.3', () => {
    const { records, summary } = read(
      lines(
        'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows',
        '2024-01-02 03:04:05.678,1.500,UDP,2001:db8::1,53,2001:db8::2,5353,2,200,1',
      ),
    );
    expect(summary.kind).toBe('nfdump-csv');
    expect(records).toMatchObject([
      {
        sourceIPv6Address: '2001:db8::1',
        protocolIdentifier: 17,
        _startMs: 1_704_164_645_678,
        _endMs: 1_704_164_647_178,
      },
    ]);
  });

  it('outputs one behind the other: the header comes again', () => {
    const one = lines(nfdumpHeader, nfdumpLine, ...nfdumpSummary);
    const { rows, summary, issues } = read(concat(one, one));
    expect(rows).toBe(2);
    expect(issues).toEqual([]);
    expect(Object.fromEntries(summary.skipped)).toEqual({ 'summary line': 6, 'repeated header': 1 });
  });

  it('Argus binetflow: the reverse counters are what the sum leaves', () => {
    const icmp =
      '2019/04/04 16:30:10.234728,1.262451,icmp,10.8.0.69,0x0008,   ->,110.128.128.128,0x7208,ECO,0,,2,144,144,2,';
    const arp = '2019/04/04 16:30:10.234728,1.0,arp,00:11:22:33:44:55,,who,10.0.0.1,,CON,,,1,60,60,1,';
    const { records, summary, issues } = read(lines(binetflowHeader, binetflowLine, icmp, arp));
    expect(issues).toEqual([]);
    expect(summary.kind).toBe('binetflow');
    expect(Object.fromEntries(summary.skipped)).toEqual({ 'not IP': 1 });
    expect(records).toEqual([
      {
        _n: 0,
        _kind: 'flow',
        protocolIdentifier: 6,
        sourceIPv4Address: '216.73.23.146',
        sourceTransportPort: 52_798,
        _direction: '->',
        destinationIPv4Address: '147.32.81.58',
        destinationTransportPort: 445,
        _argusState: 'S_RA',
        ipClassOfService: 0,
        reverseIpClassOfService: 0,
        reversePacketDeltaCount: 1,
        reverseOctetDeltaCount: 64,
        octetDeltaCount: 70,
        packetDeltaCount: 1,
        tcpControlBits: 2,
        reverseTcpControlBits: 20,
        _startMs: Date.UTC(2018, 11, 18, 14, 0, 0, 527),
        _endMs: Date.UTC(2018, 11, 18, 14, 0, 1, 226),
      },
      expect.objectContaining({
        protocolIdentifier: 1,
        sourceTransportPort: 8,
        destinationTransportPort: 0x7208,
      }),
    ]);
    expect(records[1]).not.toHaveProperty('tcpControlBits');
  });

  it('Argus binetflow without the source packets: the packets of both directions', () => {
    const header = binetflowHeader.replace(',SrcPkts', '');
    const { records } = read(lines(header, binetflowLine.replace(',70,1,', ',70,')));
    expect(records[0]).toMatchObject({
      packetDeltaCount: 2,
      octetDeltaCount: 70,
      reverseOctetDeltaCount: 64,
    });
    expect(records[0]).not.toHaveProperty('reversePacketDeltaCount');
  });

  it('SiLK rwcut, with blanks and a last delimiter', () => {
    const { records, summary, issues } = read(lines(rwcutHeader, rwcutLine));
    expect(issues).toEqual([]);
    expect(summary.kind).toBe('rwcut');
    expect(records).toEqual([
      {
        _n: 0,
        _kind: 'flow',
        sourceIPv4Address: '192.168.1.5',
        destinationIPv4Address: '10.0.0.2',
        sourceTransportPort: 51_000,
        destinationTransportPort: 22,
        protocolIdentifier: 6,
        packetDeltaCount: 12,
        octetDeltaCount: 3456,
        tcpControlBits: 27,
        _sensor: 'S0',
        _startMs: Date.UTC(2009, 1, 12, 0, 0, 0, 123),
        _endMs: Date.UTC(2009, 1, 12, 0, 0, 1, 623),
      },
    ]);
  });

  it('Zeek conn.log with tabs, also several one behind the other with other columns', () => {
    const short = zeekHead.map((line) => line.replace('\ttunnel_parents', '').replace('\tset[string]', ''));
    const { records, summary, issues } = read(
      lines(...zeekHead, zeekLine, '#close\t2020-06-05-16-00-00', ...short, zeekLine.slice(0, -2)),
    );
    expect(issues).toEqual([]);
    expect(summary.kind).toBe('zeek');
    expect(Object.fromEntries(summary.skipped)).toEqual({ 'comment line': 16 });
    expect(records).toMatchObject([zeekRecord, zeekRecord]);
  });

  it('Zeek conn.log with a quote in a field, which is no quotation there', () => {
    const odd = zeekLine.replace('http', 'ht"tp');
    const { records, issues } = read(lines(...zeekHead, odd, zeekLine));
    expect(issues).toEqual([]);
    expect(records).toMatchObject([{ ...zeekRecord, _service: 'ht"tp' }, zeekRecord]);
  });

  it('Zeek conn.log as JSON', () => {
    const { records, summary, issues } = read(lines(zeekJsonLine, '{"ts": oops', zeekJsonLine));
    expect(summary.kind).toBe('zeek');
    expect(issues).toMatchObject([{ code: 'bad-record', offset: zeekJsonLine.length + 1 }]);
    expect(records).toMatchObject([zeekRecord, zeekRecord]);
  });

  it('may have Windows line ends and a byte order mark', () => {
    const text = new TextDecoder().decode(lines(rwcutHeader, rwcutLine)).replaceAll('\n', '\r\n');
    expect(read(concat(Uint8Array.of(0xef, 0xbb, 0xbf), ascii(text))).rows).toBe(1);
  });
});

describe('a line that gives no flow', () => {
  it.each([
    ['too few fields', '2018/12/18 14:00:00,0.6,tcp', 'has 3 fields where the table has 16'],
    [
      'no time',
      binetflowLine.replace('2018/12/18', 'yesterday'),
      'has "yesterday 14:00:00.527012" for StartTime',
    ],
    [
      'a 13th month',
      binetflowLine.replace('2018/12', '2018/13'),
      'has "2018/13/18 14:00:00.527012" for StartTime',
    ],
    ['a false address', binetflowLine.replace('216.73', '999.73'), 'has "999.73.23.146" for SrcAddr'],
    ['a port beyond all', binetflowLine.replace('52798', '152798'), 'has "152798" for Sport'],
    ['no address', binetflowLine.replace('147.32.81.58', ''), 'has no source or no destination address'],
    ['an unknown protocol', binetflowLine.replace('tcp', 'xyz'), 'has "xyz" for Proto'],
    ['a negative counter', binetflowLine.replace(',70,1,', ',-70,1,'), 'has "-70" for SrcBytes'],
  ])('has %s: it is passed over with an issue', (_, line, fault) => {
    const { rows, issues, summary } = read(lines(binetflowHeader, line, binetflowLine));
    expect(rows).toBe(1);
    expect(issues).toEqual([
      {
        code: 'bad-record',
        offset: binetflowHeader.length + 1,
        message: `the line at byte ${binetflowHeader.length + 1} ${fault}: it was passed over`,
      },
    ]);
    expect(summary.brokeAt).toBeNull();
  });

  it('is longer than any: it is passed over, the next is read', () => {
    const long = 'x'.repeat(300_000);
    const { rows, issues } = read(lines(binetflowHeader, long, binetflowLine, `"${long}`, binetflowLine));
    expect(rows).toBe(2);
    expect(issues.map(({ message }) => message.replace(/^the line at byte \d+ /, ''))).toEqual([
      'is longer than 65536 bytes: it was passed over',
      'is longer than 65536 bytes: it was passed over',
    ]);
  });

  it('has a quote that never closes: only that line is lost', () => {
    const { rows, issues } = read(lines(binetflowHeader, `"${binetflowLine}`, binetflowLine, binetflowLine));
    expect(rows).toBe(2);
    expect(issues).toMatchObject([{ message: expect.stringContaining('a quote that is never closed') }]);
  });

  it('was cut: the file says where it broke, at every byte', () => {
    const file = lines(binetflowHeader, binetflowLine, binetflowLine);
    const first = binetflowHeader.length + 1;
    const second = first + binetflowLine.length + 1;
    for (let length = second + 1; length < file.length; length++) {
      const { rows, summary, issues } = read(file.subarray(0, length));
      // From the last comma on nothing is missing.
      const whole = length >= file.length - 1;
      expect(rows).toBe(whole ? 2 : 1);
      expect(summary.brokeAt).toBe(whole ? null : second);
      expect(issues.map(({ code }) => code)).toEqual(whole ? [] : ['truncated']);
    }
  });
});

describe('quotes of RFC 4180', () => {
  const mapping = parseMapping(
    '{"columns":{"from":"sourceAddress","to":"destinationAddress","note":"_note","bytes":"octetDeltaCount"}}',
    loadElements(),
  );

  it('hold delimiters, doubled quotes and line breaks', () => {
    const table = lines(
      'from,to,"note",bytes',
      '10.0.0.1,"10.0.0.2","a ""b"", c\nd", "7"',
      '10.0.0.3,10.0.0.4,,8',
    );
    const { records, issues } = read(table, undefined, mapping);
    expect(issues).toEqual([]);
    expect(records).toMatchObject([
      {
        sourceIPv4Address: '10.0.0.1',
        destinationIPv4Address: '10.0.0.2',
        _note: 'a "b", c\nd',
        octetDeltaCount: 7,
      },
      { sourceIPv4Address: '10.0.0.3', octetDeltaCount: 8 },
    ]);
  });
});

describe('a mapping', () => {
  const elements = loadElements();
  const addresses = '"a":"sourceAddress","b":"destinationAddress"';

  it('says units, zone, delimiter, absent values and columns without names', () => {
    const mapping = parseMapping(
      `{"delimiter":";","header":false,"comment":"%","absent":["n/a"],"zone":"+02:00","columns":{
        "1":{"element":"flowStartMilliseconds","unit":"microseconds"},"2":"flowEndMilliseconds",
        "3":"sourceAddress","4":"destinationAddress","5":"sourceTransportPort","7":"reverseOctetDeltaCount"}}`,
      elements,
    );
    const { records, issues, summary } = read(
      lines('% a tool', '1700000000123456;2023-11-14 23:13:21.5;10.0.0.1;10.0.0.2;n/a;x;55'),
      undefined,
      mapping,
    );
    expect(issues).toEqual([]);
    expect(summary.kind).toBe('csv');
    expect(records).toEqual([
      {
        _n: 0,
        _kind: 'flow',
        sourceIPv4Address: '10.0.0.1',
        destinationIPv4Address: '10.0.0.2',
        reverseOctetDeltaCount: 55,
        _startMs: 1_700_000_000_123,
        _endMs: Date.UTC(2023, 10, 14, 21, 13, 21, 500),
      },
    ]);
  });

  it.each([
    ['[]', 'is not a JSON object'],
    ['{', 'is not JSON'],
    ['{"colums":{}}', 'has "colums", which means nothing'],
    ['{}', 'needs columns'],
    [`{"delimiter":"--","columns":{${addresses}}}`, 'needs a delimiter of one character'],
    [`{"zone":"Berlin","columns":{${addresses}}}`, 'needs a zone such as UTC'],
    [`{"columns":{${addresses},"c":"octets"}}`, 'gives the column "c" the element "octets", which is none'],
    [`{"columns":{${addresses},"c":{"element":"octetDeltaCount","unit":"fathoms"}}}`, 'the unit "fathoms"'],
    [`{"columns":{${addresses},"c":"sourceAddress"}}`, 'gives sourceAddress to two columns'],
    ['{"columns":{"a":"sourceAddress"}}', 'needs a column for sourceAddress and one for destinationAddress'],
  ])('%s is refused: it %s', (text, sentence) => {
    expect(() => parseMapping(text, elements)).toThrow(sentence);
  });

  it('is proposed from a header and a line, and reads the table', () => {
    const table = lines(
      'Start Time;Src IP;Src Port;Dst IP;Dst Port;Proto;Bytes;Packets;Duration;App',
      '1591367999123;10.0.0.1;51000;10.0.0.2;22;TCP;1234;10;1.5;ssh',
    );
    const proposed = proposeMapping(table);
    expect(proposed).toEqual({
      format: 'delimited',
      delimiter: ';',
      quotes: true,
      header: true,
      comment: '',
      absent: ['-'],
      zone: 'UTC',
      columns: {
        'Start Time': { element: 'flowStartMilliseconds', unit: 'milliseconds' },
        'Src IP': { element: 'sourceAddress' },
        'Src Port': { element: 'sourceTransportPort' },
        'Dst IP': { element: 'destinationAddress' },
        'Dst Port': { element: 'destinationTransportPort' },
        Proto: { element: 'protocolIdentifier' },
        Bytes: { element: 'octetDeltaCount' },
        Packets: { element: 'packetDeltaCount' },
        Duration: { element: 'flowDurationMilliseconds', unit: 'seconds' },
        App: { element: '_App' },
      },
    });
    const mapping = parseMapping(JSON.stringify(proposed), elements);
    expect(read(table, undefined, mapping).records).toMatchObject([
      { destinationTransportPort: 22, _startMs: 1_591_367_999_123, _endMs: 1_591_368_000_623, _App: 'ssh' },
    ]);
  });

  it.each([
    [
      'ra -s stime ltime proto saddr sport daddr dport spkts dpkts sbytes dbytes',
      'StartTime,LastTime,Proto,SrcAddr,Sport,DstAddr,Dport,SrcPkts,DstPkts,SrcBytes,DstBytes',
      '1427726689.213953,1427726692.746477,tcp,10.0.0.1,51000,10.0.0.2,22,20,16,4131,3334',
    ],
    [
      'UNSW-NB15',
      'srcip,sport,dstip,dsport,proto,state,sbytes,dbytes,Spkts,Dpkts,Stime,Ltime',
      '10.0.0.1,51000,10.0.0.2,22,tcp,FIN,4131,3334,20,16,1427726689,1427726692',
    ],
  ])('is proposed with both directions for a table of %s', (_, header, line) => {
    const table = lines(header, line);
    const mapping = parseMapping(JSON.stringify(proposeMapping(table)), elements);
    const [record] = read(table, undefined, mapping).records;
    expect(record).toMatchObject({
      sourceTransportPort: 51_000,
      destinationTransportPort: 22,
      packetDeltaCount: 20,
      octetDeltaCount: 4131,
      reversePacketDeltaCount: 16,
      reverseOctetDeltaCount: 3334,
    });
    expect(Math.floor(Number(record?.['_endMs']) / 1000)).toBe(1_427_726_692);
  });

  it('is proposed without a header by what the values are', () => {
    const proposed = proposeMapping(
      lines('2023-11-14 22:13:20,10.0.0.1,10.0.0.2,6', '2023-11-14 22:13:21,10.0.0.1,10.0.0.2,6'),
    );
    expect(proposed).toMatchObject({
      header: false,
      columns: {
        '1': { element: 'flowStartMilliseconds', unit: 'calendar' },
        '2': { element: 'sourceAddress' },
        '3': { element: 'destinationAddress' },
        '4': { element: '_4' },
      },
    });
  });

  it.each([
    [nfdumpHeader, nfdumpLine],
    [binetflowHeader, binetflowLine],
    [rwcutHeader, rwcutLine],
  ])('is proposed for a known table as it is read: %s', (header, line) => {
    const table = lines(header, line);
    const mapping = parseMapping(JSON.stringify(proposeMapping(table)), elements);
    expect(read(table, undefined, mapping).records).toEqual(read(table).records);
  });

  it('is what a table that nobody knows asks for, in a sentence', () => {
    expect(() => read(lines('when,who,whom', '1,2,3'))).toThrow(
      'The file is a table (when, who, whom, ...) whose columns we do not know. Let `backtrail import --propose-mapping FILE` write down what they seem to mean, correct that, and give it with --csv-mapping.',
    );
    expect(() => read(lines('{', '  "chain": []', '}'))).toThrow(/no flow archive we know/);
  });
});
