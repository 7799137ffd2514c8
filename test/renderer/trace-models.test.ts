import { describe, expect, it } from 'vitest';
import type {
  ExplainedBoundary,
  ExplainedLogin,
  TraceExplanation,
} from '../../core/model/trace-explanation.ts';
import type { ConnectionView } from '../../core/model/trace-result.ts';
import { extentOf, fingerprintRows } from '../../renderer/screens/trace/fingerprint-rows.ts';
import { pathNodes } from '../../renderer/screens/trace/path-nodes.ts';
import { connectionView as view, loginHop as hop } from '../build/connection-view.ts';

describe('a path as a row of machines', () => {
  it('has a machine for each end and a translation for each further name of a login', () => {
    const nodes = pathNodes({
      scoreNats: 0,
      hops: [
        hop([
          view('10.0.0.5', '198.51.100.9'),
          view('192.0.2.1', '198.51.100.9'),
          view('192.0.2.1', '10.1.0.9'),
        ]),
        hop([view('10.1.0.9', '203.0.113.80')]),
      ],
    });
    expect(nodes.map(({ kind, address }) => `${kind} ${address}`)).toEqual([
      'origin 10.0.0.5',
      'nat 192.0.2.1',
      'nat 198.51.100.9',
      'stone 10.1.0.9',
      'victim 203.0.113.80',
    ]);
    expect(nodes.map(({ link }) => link?.kind)).toEqual(['twin', 'login', 'twin', 'target', undefined]);
  });

  it('joins what nobody saw by an inferred link, and tells which login a machine’s next one was carried by', () => {
    const first = hop([view('192.0.2.1', '198.51.100.9')]);
    const nodes = pathNodes({
      scoreNats: 0,
      hops: [
        first,
        hop([], { kind: 'inferred', from: '198.51.100.9', to: '203.0.113.5' }),
        hop([view('203.0.113.5', '203.0.113.80')]),
      ],
    });
    expect(nodes.map(({ link }) => link?.kind)).toEqual(['login', 'inferred', 'target', undefined]);
    expect(nodes[0]?.carried).toBeUndefined();
    expect(nodes[1]?.carried).toBe(first);
  });

  it('tells machines of one private address at two sites apart', () => {
    const nodes = pathNodes({
      scoreNats: 0,
      hops: [
        hop([view('10.0.0.5', '10.0.0.5', { sourceSite: 'Seoul', destinationSite: 'Rome' })], {
          fromSite: 'Seoul',
          toSite: 'Rome',
        }),
      ],
    });
    expect(nodes.map(({ kind, site }) => `${kind} ${site}`)).toEqual(['origin Seoul', 'victim Rome']);
  });
});

const boundary = (timeMs: number, matchedWith: number | null, more: Partial<ExplainedBoundary> = {}) => ({
  kind: 'E' as const,
  timeMs,
  matchedWith,
  missesByMs: null,
  nats: 1,
  doubtful: null,
  compared: true,
  ...more,
});

const login = (
  principal: ConnectionView,
  activity: readonly number[],
  boundaries: readonly ExplainedBoundary[],
): ExplainedLogin => ({
  views: [principal],
  principal,
  boundaries,
  activity,
  lossyWindows: [],
  cpfVector: [],
  inactiveTimeoutMs: 15_000,
  timingErrorMs: 1,
  samplingInterval: 1,
});

const explained = (upstream: ExplainedLogin, downstream: ExplainedLogin, lagMs: number) => ({
  name: upstream.principal,
  error: null,
  explanation: {
    about: 'hop',
    upstream,
    downstream,
    reading: 'boundaries',
    lagMs,
    thresholdMs: 15_000,
    silences: [],
    terms: [],
    totalNats: 0,
    potentialNats: 0,
    neededNats: 0,
    cpf: 1,
    conclusion: '',
  } satisfies TraceExplanation,
});

describe('fingerprints laid over each other', () => {
  const target = login(
    view('203.0.113.5', '203.0.113.80'),
    [1000, 2000, 5000, 6000],
    [boundary(2000, 0), boundary(5000, null), boundary(9000, null, { compared: false })],
  );
  const middle = login(
    view('198.51.100.9', '203.0.113.5'),
    [900, 2040],
    [boundary(2040, 0), boundary(3000, null)],
  );
  const first = login(view('192.0.2.1', '198.51.100.9'), [800, 2100], []);

  it('begin with the target in its own time, each further one shifted by all lags up to it', () => {
    const rows = fingerprintRows(
      [explained(middle, target, 40), explained(first, middle, 60)],
      true,
      undefined,
    );
    expect(rows.map(({ tone, shiftMs }) => [tone, shiftMs])).toEqual([
      ['target', 0],
      ['hop', -40],
      ['hop', -100],
    ]);
    expect(rows[1]?.activity).toEqual([860, 2000]);
    expect(rows[2]?.activity).toEqual([700, 2000]);
  });

  it('join the boundaries that recur and name those of each side that do not, where they were compared', () => {
    const [, row] = fingerprintRows([explained(middle, target, 40)], true, undefined);
    expect(row?.joins.map(({ from, to }) => [from.ms, to.ms])).toEqual([[2000, 2000]]);
    expect(row?.missing.map(({ ms }) => ms)).toEqual([5000]);
    expect(row?.unmatched.map(({ ms }) => ms)).toEqual([2960]);
  });

  it('show a stranger as such, and which one was chosen', () => {
    const [, row] = fingerprintRows(
      [explained(middle, target, 0)],
      false,
      '198.51.100.9:50000 → 203.0.113.5:22',
    );
    expect([row?.tone, row?.isChosen]).toEqual(['quiet', true]);
  });

  it('say why one cannot be drawn, and leave out what is still on its way', () => {
    const rows = fingerprintRows(
      [
        explained(middle, target, 0),
        { name: view('192.0.2.1', '198.51.100.9'), explanation: undefined, error: new Error('It is gone.') },
        { name: view('192.0.2.2', '198.51.100.9'), explanation: undefined, error: null },
      ],
      true,
      undefined,
    );
    expect(rows.map(({ problem }) => problem)).toEqual([undefined, undefined, 'It is gone.']);
  });

  it('reach from the first to the last activity of all of them', () => {
    const rows = fingerprintRows([explained(middle, target, 40)], true, undefined);
    expect(extentOf(rows)).toEqual([860, 6000]);
    expect(extentOf([])).toBeUndefined();
  });
});
