import { describe, expect, it } from 'vitest';
import { ipfix, template10, templates10 } from '../build/ipfix.ts';
import { data, netflow9, template9, templates9 } from '../build/netflow.ts';
import { u16 } from '../build/octets.ts';
import { elements, makeDecoder, push } from './run.ts';

const nine = netflow9({ sourceId: 3 }, templates9(template9(256, [7, 2])), data(256, [u16(1)]));
const ten = ipfix({ domain: 4 }, templates10(template10(300, [11, 2])));

describe('templates that outlive a decoder', () => {
  it('are exported as the exporter sent them, and decode data in another decoder', () => {
    const first = makeDecoder();
    push(first, nine, '192.0.2.9');
    push(first, ten, '192.0.2.10');
    const saved = first.exportTemplates();
    expect(saved).toMatchObject([
      { address: '192.0.2.9', version: 9, observationDomainId: 3, options: false },
      { address: '192.0.2.10', version: 10, observationDomainId: 4, options: false },
    ]);
    const second = makeDecoder();
    expect(second.importTemplates(structuredClone(saved))).toBe(2);
    push(second, netflow9({ sourceId: 3 }, data(256, [u16(22)])), '192.0.2.9');
    push(second, ipfix({ domain: 4 }, data(300, [u16(443)])), '192.0.2.10');
    expect(elements(second.take(0))).toMatchObject([
      { sourceTransportPort: 22 },
      { destinationTransportPort: 443 },
    ]);
  });

  it('do not replace what an exporter has said since, and broken ones are left out', () => {
    const decoder = makeDecoder();
    push(decoder, nine, '192.0.2.9');
    const other = { address: '192.0.2.9', version: 9, observationDomainId: 3, options: false };
    const octets = template9(256, [11, 2]);
    expect(decoder.importTemplates([{ ...other, octets }])).toBe(0);
    expect(decoder.importTemplates([{ ...other, octets: template9(257, [11, 2]).subarray(0, 5) }])).toBe(0);
  });

  it('show by a number whether any has changed', () => {
    const decoder = makeDecoder();
    push(decoder, nine);
    const revision = decoder.templateRevision;
    push(decoder, nine);
    expect(decoder.templateRevision).toBe(revision);
    push(decoder, netflow9({ sourceId: 3 }, templates9(template9(256, [7, 4]))));
    expect(decoder.templateRevision).toBeGreaterThan(revision);
  });
});

describe('a decoder that shares its source with others', () => {
  it('takes the number of a datagram from its reader', () => {
    const decoder = makeDecoder();
    const context = { address: '192.0.2.9', port: 1, received: null, sourceOffset: 0 };
    decoder.push(nine, { ...context, ordinal: 17 });
    decoder.push(nine, context);
    decoder.push(u16(77), { ...context, ordinal: 40 });
    expect(decoder.pendingIssues).toBe(1);
    const chunk = decoder.take(0);
    expect(chunk.batch.datagrams.map(({ ordinal }) => ordinal)).toEqual([17, 18]);
    expect(chunk.issues.map(({ datagram }) => datagram)).toEqual([40]);
  });
});
