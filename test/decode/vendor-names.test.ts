import { describe, expect, it } from 'vitest';
import { loadElements } from '../../core/app/resources.ts';
import { nameRecords } from '../../core/decode/vendor-names.ts';
import { parseElementTable } from '../../core/model/element.ts';
import type { NeutralRecord } from '../../core/decode/neutral.ts';

const table = parseElementTable(
  [
    '9\t1\tunsigned32\tnumber',
    '9\t2\tstring\ttext',
    '9\t3\tipv4Address\taddress',
    '-9\t40001\tboolean\told',
  ].join('\n'),
);

const named = (record: NeutralRecord): NeutralRecord | undefined => [...nameRecords([record], table)][0];

describe('vendor elements by name', () => {
  it('have values of their types', () => {
    expect(named({ _n: 0, e9id1: '0000abcd', e9id2: '6869', e9id3: 'c0000201', v9f40001: '01' })).toEqual({
      _n: 0,
      number: 43_981,
      text: 'hi',
      address: '192.0.2.1',
      old: true,
    });
  });

  it('stay octets where the length is none of the type, and keep their number where nobody knows them', () => {
    expect(named({ e9id3: 'c000', e9id4: '00', e10id1: '00' })).toEqual({
      address: 'c000',
      e9id4: '00',
      e10id1: '00',
    });
  });

  it('are lists where they were, empty where they were, and do not hide another element', () => {
    expect(named({ e9id1: ['01', '02'], e9id2: '' })).toEqual({ number: [1, 2], text: '' });
    expect(named({ number: 5, e9id1: '01' })).toEqual({ number: 5, e9id1: '01' });
  });
});

describe('the element table', () => {
  it('knows vendors by their enterprise numbers', () => {
    const elements = loadElements();
    expect(elements.byNumber(9, 12_235)?.name).toBe('ciscoApplicationHttpHost');
    expect(elements.byNumber(35_632, 118)).toMatchObject({ name: 'L7_PROTO', type: 'unsigned16' });
    expect(elements.byNumber(5951, 128)?.name).toBe('netscalerRoundTripTime');
    expect(elements.byNumber(6871, 16_384 + 14)?.name).toBe('reverseInitialTCPFlags');
    expect(elements.byNumber(6876, 881)).toMatchObject({ name: 'tenantSourceIPv4', type: 'ipv4Address' });
    expect(elements.byNumber(10_704, 4)?.name).toBe('barracudaFwRule');
    expect(elements.byNumber(26_866, 202)).toMatchObject({ name: 'gigamonDnsOpCode', type: 'unsigned8' });
    expect(elements.byNumber(2636, 137)?.name).toBe('juniperCommonPropertiesId');
    expect(elements.byNumber(3054, 110)?.name).toBe('ixiaL7ApplicationId');
  });

  it('gives IANA its own names whatever vendors call theirs', () => {
    const elements = loadElements();
    expect(elements.byName('tcpUrgTotalCount')?.enterprise).toBe(0);
    expect(elements.byName('flowDirection')?.enterprise).toBe(0);
  });
});
