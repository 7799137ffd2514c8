import { describe, expect, it } from 'vitest';
import { ipfix, optionsTemplate10, optionsTemplates10, template10, templates10 } from '../build/ipfix.ts';
import {
  data,
  netflow9,
  optionsTemplate9,
  optionsTemplates9,
  template9,
  templates9,
} from '../build/netflow.ts';
import { u16, u32, u64, u8 } from '../build/octets.ts';
import { decodeAll, neutral } from './run.ts';

// Sampler id, mode (2 is random), interval: what Cisco exports with `option sampler-table`.
const samplerTable = optionsTemplates9(
  0,
  optionsTemplate9(
    257,
    [[1, 4]],
    [
      [48, 1],
      [49, 1],
      [50, 4],
    ],
  ),
);
const sampler = (id: number, interval: number): Uint8Array[] => [u32(0), u8(id), u8(2), u32(interval)];
const flows = templates9(template9(256, [7, 2], [48, 1]));

describe('sampler tables', () => {
  it('give each flow that names a sampler its interval, and leave its counters raw', () => {
    const { batch, options } = decodeAll(
      netflow9({}, samplerTable, data(257, sampler(1, 100), sampler(2, 1_000))),
      netflow9({}, flows, data(256, [u16(1), u8(2)], [u16(2), u8(1)], [u16(3), u8(9)])),
    );
    expect(batch.extras.get('_samplingInterval')).toEqual({ rows: [0, 1], values: [1_000, 100] });
    expect(options).toHaveLength(2);
  });

  it('hold for the domain that told, from then on', () => {
    const { batch } = decodeAll(
      netflow9({}, flows, data(256, [u16(1), u8(1)])),
      netflow9({}, samplerTable, data(257, sampler(1, 100)), data(256, [u16(2), u8(1)])),
      netflow9({ sourceId: 5 }, flows, data(256, [u16(3), u8(1)])),
    );
    expect(batch.extras.get('_samplingInterval')).toEqual({ rows: [1], values: [100] });
  });

  it('are IPFIX selectors too: packets taken, and the space until the next', () => {
    const options = optionsTemplates10(
      optionsTemplate10(
        257,
        [[302, 8]],
        [
          [305, 4],
          [306, 4],
        ],
      ),
    );
    const { batch } = decodeAll(
      ipfix({}, options, data(257, [u64(7), u32(1), u32(511)])),
      ipfix({}, templates10(template10(256, [7, 2], [302, 8])), data(256, [u16(1), u64(7)])),
    );
    expect(batch.extras.get('_samplingInterval')).toEqual({ rows: [0], values: [512] });
  });

  it('serve flows that name no sampler where the interval is of the whole exporter, not of one interface', () => {
    const whole = optionsTemplates9(0, optionsTemplate9(257, [[1, 4]], [[34, 4]]));
    const single = optionsTemplates9(0, optionsTemplate9(258, [[2, 4]], [[34, 4]]));
    const plain = templates9(template9(256, [7, 2]));
    const one = decodeAll(netflow9({}, single, data(258, [u32(3), u32(50)]), plain, data(256, [u16(1)])));
    expect(one.batch.extras.has('_samplingInterval')).toBe(false);
    const all = decodeAll(netflow9({}, whole, data(257, [u32(0), u32(64)]), plain, data(256, [u16(1)])));
    expect(all.batch.extras.get('_samplingInterval')).toEqual({ rows: [0], values: [64] });
    expect(neutral(all)[1]).not.toHaveProperty('_samplingInterval');
  });
});
