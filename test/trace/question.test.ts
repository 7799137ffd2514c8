/** Questions that name no single connection are refused with what there is instead. */
import { describe, expect, it } from 'vitest';
import { ApiError, type ApiErrorCode } from '../../core/model/api-error.ts';
import { epochMs } from '../../core/model/time.ts';
import type { Question } from '../../core/model/trace-question.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { FlowWorld } from '../build/flow-world.ts';
import { MINUTE, NOON } from '../build/made-chain.ts';
import { humanSession, makeRandom } from '../build/sessions.ts';

const random = makeRandom(1);
const at = epochMs(NOON + 5 * MINUTE);
const session = () => humanSession(random, NOON + MINUTE, NOON + 9 * MINUTE);

/** Two sites whose LANs use the same addresses, and a log-in into the machine 192.168.0.11 of each. */
const batch = new FlowWorld(random, [
  { address: '203.0.113.1', site: 'Busan' },
  { address: '203.0.113.2', site: 'Bremen' },
])
  .watch(
    { exporter: '203.0.113.1', client: '198.51.100.7:40000', server: '192.168.0.11:22', packets: session() },
    { exporter: '203.0.113.2', client: '198.51.100.8:40001', server: '192.168.0.11:22', packets: session() },
    { exporter: '203.0.113.2', client: '198.51.100.9:40002', server: '192.168.0.12:22', packets: session() },
  )
  .batch();

function refusalOf(question: Question, batches = [batch]): [ApiErrorCode, string] {
  try {
    traceBack(batches, question);
  } catch (error) {
    if (error instanceof ApiError) return [error.code, error.message];
    throw error;
  }
  throw new Error('the question was answered');
}

const both = { address: '192.168.0.11', port: 22 };

describe('a question', () => {
  it('about an address that two sites use names the sites', () => {
    expect(refusalOf({ victim: both, at })).toEqual([
      'ambiguous-address',
      '192.168.0.11:22 is another machine at each of the sites Bremen, Busan; name the one that is meant.',
    ]);
  });

  it('that names the site is answered for that site', () => {
    for (const [site, source] of [
      ['Busan', '198.51.100.7'],
      ['Bremen', '198.51.100.8'],
    ] as const) {
      const { target } = traceBack([batch], { victim: both, at, site });
      expect([target.source, target.destinationSite]).toEqual([source, site]);
    }
  });

  it('that names the peer needs no site', () => {
    const { target } = traceBack([batch], { victim: both, at, from: { address: '198.51.100.8' } });
    expect(target.destinationSite).toBe('Bremen');
  });

  it('about an unknown site names the sites there are', () => {
    expect(refusalOf({ victim: both, at, site: 'Berlin' })).toEqual([
      'unknown-site',
      'No site is called "Berlin"; the sites are Bremen, Busan.',
    ]);
  });

  it('about a victim that nobody saw asks for the exporter', () => {
    expect(refusalOf({ victim: { address: '192.168.0.99', port: 22 }, at })).toEqual([
      'no-such-flow',
      'No flow goes to 192.168.0.99:22; check the address and the port, or import the exporter that saw it.',
    ]);
  });

  it('about a victim that stands at another site says so', () => {
    expect(refusalOf({ victim: { address: '192.168.0.12' }, at, site: 'Busan' })).toEqual([
      'no-such-flow',
      'No flow goes to 192.168.0.12 at site Busan; check the address and the port, or import the exporter that saw it.',
    ]);
  });

  it('about another time names the time of the flows', () => {
    const [code, message] = refusalOf({ victim: both, at: epochMs(NOON + 60 * MINUTE) });
    expect(code).toBe('outside-archive');
    expect(message).toMatch(
      /^2026-11-20T13:00:00\.000Z lies outside the flows near it, which run from 2026-11-20T12:01:00\.\d{3}Z to 2026-11-20T12:09:0\d\.\d{3}Z\.$/,
    );
  });

  it('about a peer that never came names the nearest connection', () => {
    const [code, message] = refusalOf({
      victim: { address: '192.168.0.12', port: 22 },
      at,
      from: { address: '198.51.100.1' },
    });
    expect(code).toBe('no-such-flow');
    expect(message).toMatch(
      /^No connection to 192\.168\.0\.12:22 from 198\.51\.100\.1 was open at 2026-11-20T12:05:00\.000Z; the nearest is 198\.51\.100\.9:40002 to 192\.168\.0\.12:22, open from 2026-11-20T12:01:/,
    );
  });

  it('about nothing at all is refused too', () => {
    expect(refusalOf({ victim: both, at }, [])[0]).toBe('outside-archive');
    const empty = new FlowWorld(random, [{ address: '203.0.113.1' }]).batch();
    expect(refusalOf({ victim: both, at }, [empty])[0]).toBe('outside-archive');
  });

  it('over two exporters of one LAN, taken for two sites, proposes to join them', () => {
    const packets = session();
    const seen = { client: '198.51.100.7:40000', server: '192.168.0.11:22', packets };
    const twice = new FlowWorld(makeRandom(3), [
      { address: '203.0.113.1', site: 'Busan' },
      { address: '203.0.113.3', site: 'Busan, second router' },
    ])
      .watch({ exporter: '203.0.113.1', ...seen }, { exporter: '203.0.113.3', ...seen })
      .batch();
    const { notes } = traceBack([twice], { victim: both, at, site: 'Busan' });
    const proposals = (list: readonly string[]): string[] =>
      list.filter((note) => note.includes('as one site'));
    expect(proposals(notes)).toEqual([
      expect.stringMatching(
        /^The exporters of the sites Busan and Busan, second router report the same connections/,
      ),
    ]);
    expect(proposals(traceBack([batch], { victim: both, at, site: 'Busan' }).notes)).toEqual([]);
  });
});
