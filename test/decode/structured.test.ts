import { describe, expect, it } from 'vitest';
import { VARIABLE, ipfix, specifier, template10, templates10 } from '../build/ipfix.ts';
import { data } from '../build/netflow.ts';
import { ascii, concat, hex, u16, u8, variable, type Octets } from '../build/octets.ts';
import { decodeAll, elements } from './run.ts';

const BASIC_LIST = 291;
const SUB_TEMPLATE_LIST = 292;
const SUB_TEMPLATE_MULTI_LIST = 293;

/** The value of a list element in one record, with a template 300 of port and interface name known. */
function decodeList(element: number, content: Octets): unknown {
  const chunk = decodeAll(
    ipfix(
      {},
      templates10(template10(256, [element, VARIABLE]), template10(300, [7, 2], [82, VARIABLE])),
      data(256, [variable(content, 'long')]),
    ),
  );
  return Object.values(elements(chunk)[0] ?? {})[0];
}

const record300 = (port: number, name: string): Octets => concat(u16(port), variable(ascii(name)));

describe('structured data', () => {
  it('reads a basic list of fixed, variable and enterprise elements', () => {
    const fixed = concat(u8(3), specifier([7, 2]), u16(80), u16(443));
    expect(decodeList(BASIC_LIST, fixed)).toEqual({
      basicList: { semantic: 3, element: 'sourceTransportPort', values: [80, 443] },
    });
    const names = concat(u8(4), specifier([82, VARIABLE]), variable(ascii('lo')), variable(ascii('eth0')));
    expect(decodeList(BASIC_LIST, names)).toEqual({
      basicList: { semantic: 4, element: 'interfaceName', values: ['lo', 'eth0'] },
    });
    const enterprise = concat(u8(255), specifier([12, 1, 9]), hex('0102'));
    expect(decodeList(BASIC_LIST, enterprise)).toEqual({
      basicList: { semantic: 255, element: 'e9id12', values: ['01', '02'] },
    });
  });

  it('reads a list of records of one template', () => {
    const list = concat(u8(3), u16(300), record300(1, 'a'), record300(2, 'bc'));
    expect(decodeList(SUB_TEMPLATE_LIST, list)).toEqual({
      subTemplateList: {
        semantic: 3,
        templateId: 300,
        records: [
          { sourceTransportPort: 1, interfaceName: 'a' },
          { sourceTransportPort: 2, interfaceName: 'bc' },
        ],
      },
    });
  });

  it('reads a list of records of several templates, an unknown one as hex', () => {
    const list = concat(u8(0), u16(300), u16(8), record300(1, 'a'), u16(999), u16(6), hex('abcd'));
    expect(decodeList(SUB_TEMPLATE_MULTI_LIST, list)).toEqual({
      subTemplateMultiList: {
        semantic: 0,
        lists: [
          { templateId: 300, records: [{ sourceTransportPort: 1, interfaceName: 'a' }] },
          { templateId: 999, records: 'abcd' },
        ],
      },
    });
  });

  it('reads lists within lists', () => {
    const inner = concat(u8(3), specifier([7, 2]), u16(80));
    const outer = concat(u8(1), specifier([BASIC_LIST, VARIABLE]), variable(inner));
    expect(decodeList(BASIC_LIST, outer)).toEqual({
      basicList: {
        semantic: 1,
        element: 'basicList',
        values: [{ basicList: { semantic: 3, element: 'sourceTransportPort', values: [80] } }],
      },
    });
  });

  it.each([
    [
      'a basic list of elements of no bytes',
      BASIC_LIST,
      concat(u8(3), specifier([7, 0]), u16(80)),
      '03000700000050',
    ],
    ['a basic list cut short', BASIC_LIST, hex('0300'), '0300'],
    ['a basic list with half a value', BASIC_LIST, hex('030007000250'), '030007000250'],
    [
      'a multi list whose part overruns it',
      SUB_TEMPLATE_MULTI_LIST,
      hex('00012c0009000101'),
      '00012c0009000101',
    ],
    [
      'a multi list whose part is shorter than its header',
      SUB_TEMPLATE_MULTI_LIST,
      hex('00012c0003'),
      '00012c0003',
    ],
  ])('leaves %s as hex', (_, element, content, expected) => {
    expect(decodeList(element, content)).toBe(expected);
  });

  it('goes no deeper than eight lists', () => {
    let list: Octets = concat(u8(3), specifier([7, 2]), u16(80));
    for (let depth = 0; depth < 12; depth++) {
      list = concat(u8(3), specifier([BASIC_LIST, VARIABLE]), variable(list, 'long'));
    }
    const text = JSON.stringify(decodeList(BASIC_LIST, list));
    expect(text.match(/basicList":\{/g)).toHaveLength(8);
    expect(text).toContain('"values":["03');
  });
});
