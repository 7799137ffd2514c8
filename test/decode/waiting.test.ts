import { describe, expect, it } from 'vitest';
import { ipfix, template10, templates10 } from '../build/ipfix.ts';
import {
  data,
  netflow9,
  optionsTemplate9,
  optionsTemplates9,
  template9,
  templates9,
} from '../build/netflow.ts';
import { epochMs } from '../../core/model/time.ts';
import { u16, u32, u8 } from '../build/octets.ts';
import { codes, decodeAll, makeDecoder, neutral, push } from './run.ts';

const template = templates9(template9(256, [7, 2], [22, 4]));
const early = netflow9({ sysUpTime: 1_000, seconds: 100, sequence: 1 }, data(256, [u16(1), u32(400)]));
const late = netflow9(
  { sysUpTime: 9_000, seconds: 108, sequence: 2 },
  template,
  data(256, [u16(2), u32(8_000)]),
);

describe('data whose template comes later', () => {
  it('is decoded when the template comes, with the header and the clock of its own datagram', () => {
    expect(neutral(decodeAll(early, late))).toMatchObject([
      { _msg: 0, _seq: 1, _exportMs: 100_000, _startMs: 99_400, sourceTransportPort: 1, _waited: true },
      { _msg: 1, _seq: 2, _exportMs: 108_000, _startMs: 107_000, sourceTransportPort: 2 },
    ]);
    expect(neutral(decodeAll(early, late))[1]).not.toHaveProperty('_waited');
    expect(decodeAll(early, late).issues).toEqual([]);
  });

  it('counts with its own datagram, also where that was handed over in an earlier batch', () => {
    const together = decodeAll(early, late).batch;
    expect(together.datagrams.map(({ ordinal, records }) => [ordinal, records])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    const decoder = makeDecoder();
    push(decoder, early);
    expect(decoder.take(0).batch).toMatchObject({ count: 0, datagrams: [{ ordinal: 0, records: 0 }] });
    push(decoder, late);
    const second = decoder.take(0);
    expect(second.batch.datagrams.map(({ ordinal, records }) => [ordinal, records])).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(neutral(second).map((record) => record['_msg'])).toEqual([0, 1]);
  });

  it('may precede its template within one datagram', () => {
    const chunk = decodeAll(netflow9({}, data(256, [u16(1), u32(0)]), template));
    expect(neutral(chunk)).toMatchObject([{ sourceTransportPort: 1, _waited: true }]);
  });

  it('may be options data', () => {
    const options = optionsTemplates9(0, optionsTemplate9(300, [[1, 4]], [[34, 4]]));
    const chunk = decodeAll(netflow9({ sequence: 5 }, data(300, [u32(1), u32(10)])), netflow9({}, options));
    expect(neutral(chunk)).toMatchObject([
      { _kind: 'options', _seq: 5, samplingInterval: 10, _waited: true },
    ]);
  });

  it('is not decoded by a template of another address, domain or version, and by one from another port', () => {
    const decoder = makeDecoder();
    push(decoder, early, '192.0.2.1', 4000);
    push(decoder, late, '192.0.2.2', 4000);
    push(decoder, netflow9({ sourceId: 1 }, template), '192.0.2.1', 4000);
    push(decoder, ipfix({}, templates10(template10(256, [7, 2], [22, 4]))), '192.0.2.1', 4000);
    expect(neutral(decoder.take(0)).map((record) => record['_exporter'])).toEqual(['192.0.2.2']);
    push(decoder, netflow9({}, template), '192.0.2.1', 5000);
    expect(neutral(decoder.take(0))).toMatchObject([{ _exporter: '192.0.2.1', _waited: true }]);
  });

  it('is reported at the end, once for each exporter and template', () => {
    const chunk = decodeAll(early, early, netflow9({}, data(257, [u8(1)])));
    expect(chunk.issues).toMatchObject([
      { code: 'missing-template', datagram: 0, offset: 24 },
      { code: 'missing-template', datagram: 2, offset: 24 },
    ]);
    expect(chunk.issues[0]?.message).toBe(
      '2 data sets (12 bytes) of 192.0.2.1 v9 domain 0 could not be decoded: template 256 never came',
    );
  });

  it('makes way, the oldest first, when more waits than may', () => {
    const decoder = makeDecoder({ maxWaitingBytesPerTemplate: 600 });
    for (const port of [1, 2, 3]) push(decoder, netflow9({ sequence: port }, data(256, [u16(port), u32(0)])));
    push(decoder, netflow9({}, template));
    const chunk = decoder.take(0);
    expect([...chunk.batch.columns.sourceTransportPort]).toEqual([2, 3]);
    expect(chunk.issues).toMatchObject([{ code: 'evicted', datagram: 0 }]);
  });

  it('is bounded over all exporters together', () => {
    const decoder = makeDecoder({ maxWaitingBytes: 600 });
    for (const host of [1, 2, 3]) push(decoder, early, `192.0.2.${host}`);
    for (const host of [1, 2, 3]) push(decoder, netflow9({}, template), `192.0.2.${host}`);
    const chunk = decoder.take(0);
    expect(neutral(chunk).map((record) => record['_exporter'])).toEqual(['192.0.2.2', '192.0.2.3']);
    expect(codes(chunk)).toEqual(['evicted']);
  });
});

describe('the template cache', () => {
  it('forgets the templates of the exporter that was silent longest when there are too many', () => {
    const decoder = makeDecoder({ maxExporters: 2 });
    for (const host of [1, 2, 1, 3]) push(decoder, netflow9({}, template), `192.0.2.${host}`);
    for (const host of [1, 3, 2]) push(decoder, early, `192.0.2.${host}`);
    const chunk = decoder.take(0);
    expect(neutral(chunk).map((record) => record['_exporter'])).toEqual(['192.0.2.1', '192.0.2.3']);
    expect(chunk.issues[0]).toMatchObject({ code: 'evicted', datagram: 3 });
    expect(chunk.issues[0]?.message).toContain('192.0.2.2');
  });

  it('caps the templates of one exporter and the fields of all', () => {
    const many = Array.from({ length: 10 }, (_, i) => template9(256 + i, [7, 2], [11, 2]));
    const one = makeDecoder({ maxTemplatesPerExporter: 8 });
    push(one, netflow9({}, templates9(...many)));
    expect(codes(one.take(0))).toEqual(['evicted', 'evicted']);
    const all = makeDecoder({ maxFields: 12 });
    push(all, netflow9({}, templates9(...many)));
    expect(codes(all.take(0))).toEqual(['evicted', 'evicted', 'evicted', 'evicted']);
  });

  it('lets a template expire that was not sent again in its life, and keeps the data until it is', () => {
    const decoder = makeDecoder({ templateLifetimeMs: 1_800_000 });
    const at = (minutes: number, payload: Uint8Array): void =>
      decoder.push(payload, {
        address: '192.0.2.1',
        port: 4000,
        received: epochMs(minutes * 60_000),
        sourceOffset: 0,
      });
    at(0, netflow9({}, template));
    at(29, netflow9({}, template));
    at(58, early);
    expect(decoder.take(0).batch.count).toBe(1);
    at(60, early);
    expect(decoder.take(0).batch.count).toBe(0);
    at(61, netflow9({}, template));
    expect(neutral(decoder.take(0))).toMatchObject([{ sourceTransportPort: 1, _waited: true }]);
  });

  it('keeps templates for good where no life is set', () => {
    const decoder = makeDecoder();
    const context = { address: '192.0.2.1', port: 4000, sourceOffset: 0 };
    decoder.push(netflow9({}, template), { ...context, received: epochMs(0) });
    decoder.push(early, { ...context, received: epochMs(1e12) });
    expect(decoder.take(0).batch.count).toBe(1);
  });

  it('lives on from batch to batch', () => {
    const decoder = makeDecoder();
    push(decoder, late);
    expect(decoder.take(0).batch.count).toBe(1);
    push(decoder, early);
    expect(decoder.pendingRows).toBe(1);
    expect(neutral(decoder.take(0))).toMatchObject([{ _msg: 1, sourceTransportPort: 1 }]);
    expect(decoder.pendingRows).toBe(0);
  });
});
