import { describe, expect, it } from 'vitest';
import { netflow5 } from '../build/netflow.ts';
import { nfcapd1, nfcapd2 } from '../build/nfcapd.ts';
import { concat, hex, u16, u32 } from '../build/octets.ts';
import { pcap } from '../build/pcap.ts';
import { ApiError } from '../../core/model/api-error.ts';
import { read } from './run.ts';

function refusal(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'read';
}

const SUPPORTED =
  'pcap and pcapng captures of flow exports, nfcapd, flow-tools and IPFIX files, export datagrams, and tables of nfdump, Argus, SiLK and Zeek are read, gzip- or zstd-compressed or not.';

describe('recognition by content', () => {
  it('tells the kinds apart', () => {
    expect(read(pcap({})).summary.kind).toBe('pcap');
    expect(read(nfcapd1({})).summary.kind).toBe('nfcapd');
    expect(read(nfcapd2({})).summary.kind).toBe('nfcapd');
    expect(read(netflow5({}, [{}])).summary.kind).toBe('datagram');
  });

  it.each([
    ['an empty file', new Uint8Array(0), `not-an-archive: The file is empty: ${SUPPORTED}`],
    ['zeros', new Uint8Array(9000), `not-an-archive: The file holds zero bytes only: ${SUPPORTED}`],
    [
      'text',
      hex('5265636f72640a0a'),
      `not-an-archive: The file begins with 52 65 63 6f 72 64 0a 0a, which is no flow archive we know: ${SUPPORTED}`,
    ],
    [
      'an xz file',
      hex('fd377a585a00'),
      'unsupported-file: The file is xz-compressed, which is not read: unpack it first with `unxz FILE`.',
    ],
    [
      'an nfcapd file of unknown compression',
      nfcapd2({ compression: 9 }),
      'unsupported-file: This nfcapd file is compressed by method 9, which is not known: rewrite it uncompressed with `nfdump -r FILE -w OUT`.',
    ],
    [
      'an encrypted nfcapd file',
      nfcapd2({ encryption: 1 }),
      'unsupported-file: This nfcapd file is encrypted: decrypt it with nfdump first.',
    ],
    [
      'an nfcapd file of a later layout',
      nfcapd2({ layout: 3 }),
      'unsupported-file: This nfcapd file has layout 3; layouts 1 (nfdump 1.6) and 2 (nfdump 1.7) are read: rewrite it with nfdump 1.7, `nfdump -r FILE -w OUT`.',
    ],
  ])('refuses %s in one sentence', (_, bytes, sentence) => {
    expect(refusal(bytes)).toBe(sentence);
  });

  it('refuses an nfcapd file of a big-endian machine', () => {
    expect(refusal(concat(u16(0xa50c), u16(1), new Uint8Array(300)))).toMatch(
      /^unsupported-file: .*big-endian/,
    );
  });
});

describe('a file of raw export datagrams', () => {
  it('reports what is wrong with a datagram instead of refusing it', () => {
    const whole = netflow5({}, [{}, {}]);
    for (let length = 2; length < whole.length; length++) {
      const { rows, issues } = read(whole.subarray(0, length));
      expect(rows).toBe(length < 72 ? 0 : 1);
      expect(issues.map((issue) => issue.code)).toEqual(['truncated']);
    }
  });

  it('may be IPFIX messages back to back', () => {
    const message = concat(
      u16(10),
      u16(1016),
      u32(0),
      u32(0),
      u32(0),
      u16(300),
      u16(1000),
      new Uint8Array(996),
    );
    const { summary, issues } = read(concat(...Array.from({ length: 100 }, () => message)));
    expect(summary.kind).toBe('ipfix');
    expect(summary.bytesRead).toBe(101_600);
    expect(issues).toMatchObject([{ code: 'missing-template', offset: 20 }]);
    const cut = read(concat(message, message, message).subarray(0, 2500));
    expect(cut.summary.brokeAt).toBe(2032);
    const lost = read(concat(message, message, hex('ffff'), message));
    expect(lost.issues.at(-1)).toMatchObject({ code: 'bad-length', offset: 2032 });
    expect(lost.summary.brokeAt).toBe(2032);
  });
});
