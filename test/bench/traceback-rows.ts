/** The rows of the sweep: one factor at a time, then several at once. */
import { cleanSweep, type SweepOptions } from '../build/trace-sweep.ts';

export interface SweepRow {
  readonly name: string;
  readonly part: 'headline' | 'factors' | 'combined' | 'scale';
  readonly options: SweepOptions;
  /** Internets to make: whole form, quick form. */
  readonly worlds: readonly [number, number];
  /** False where only chains are traced: all pairs of a hundred thousand logins would take days. */
  readonly pairs: boolean;
}

function row(
  name: string,
  options: Partial<SweepOptions>,
  worlds: readonly [number, number] = [5, 1],
  part: SweepRow['part'] = 'factors',
): SweepRow {
  return { name, part, options: { ...cleanSweep, ...options }, worlds, pairs: part !== 'scale' };
}

/** What an ordinary set of exporters does at once. */
const field: Partial<SweepOptions> = {
  datagramLoss: 0.02,
  skewMs: 2000,
  driftPpm: 20,
  jitterMs: 100,
  idleMs: [10_000, 30_000],
  keepAlive: 0.1,
};

const harsh: Partial<SweepOptions> = {
  ...field,
  datagramLoss: 0.1,
  skewMs: 30_000,
  driftPpm: 100,
  jitterMs: 1000,
  chaffUpstream: 1,
  nat: 'both',
  missing: 1,
};

const only = (what: Partial<SweepOptions>): Partial<SweepOptions> => ({
  chains: 1,
  people: 10,
  beacons: 0,
  cron: 0,
  ...what,
});

export const sweepRows: readonly SweepRow[] = [
  row('ordinary exporters', field, [100, 2], 'headline'),
  row('clean', {}, [20, 2]),
  row('records lost 1 %', { recordLoss: 0.01 }),
  row('records lost 5 %', { recordLoss: 0.05 }, [20, 2]),
  row('records lost 20 %', { recordLoss: 0.2 }),
  row('records lost 40 %', { recordLoss: 0.4 }),
  row('datagrams lost 1 %', { datagramLoss: 0.01 }),
  row('datagrams lost 5 %', { datagramLoss: 0.05 }, [20, 2]),
  row('datagrams lost 20 %', { datagramLoss: 0.2 }),
  row('datagrams lost 40 %', { datagramLoss: 0.4 }),
  row('clocks off by 5 s', { skewMs: 5000 }),
  row('clocks off by 60 s', { skewMs: 60_000 }),
  row('clocks off by 60 s, no arrival times', { skewMs: 60_000, received: false }),
  row('clocks drift 100 ppm', { driftPpm: 100 }),
  row('clocks drift 1000 ppm', { driftPpm: 1000 }),
  row('jitter 0.5 s', { jitterMs: 500 }),
  row('jitter 2 s', { jitterMs: 2000 }),
  row('jitter 5 s', { jitterMs: 5000 }),
  row('timeouts 10 s, 60 s', { idleMs: [10_000, 10_000], activeMs: [60_000, 60_000] }),
  row('timeouts 30 s, 300 s', { idleMs: [30_000, 30_000], activeMs: [300_000, 300_000] }),
  row('timeouts 60 s, 1800 s', { idleMs: [60_000, 60_000], activeMs: [1_800_000, 1_800_000] }),
  row('timeouts mixed, 10-60 s', { idleMs: [10_000, 60_000] }),
  row('sampled 1 in 2', { sampling: 2 }),
  row('sampled 1 in 10', { sampling: 10 }),
  row('sampled 1 in 100', { sampling: 100 }, [3, 1]),
  row('sampled 1 in 1000', { sampling: 1000 }, [3, 1]),
  row('chaff upstream 1 a minute', { chaffUpstream: 1 }),
  row('chaff upstream 5 a minute', { chaffUpstream: 5 }),
  row('chaff downstream 1 a minute', { chaffDownstream: 1 }),
  row('chaff downstream 5 a minute', { chaffDownstream: 5 }),
  row('source NAT', { nat: 'source' }),
  row('destination NAT', { nat: 'destination' }),
  row('NAT at both ends', { nat: 'both' }),
  row('1 login unseen', { missing: 1 }),
  row('2 logins unseen', { missing: 2 }),
  row('probes of silent servers, half', { keepAlive: 0.5 }),
  row('beacons only', only({ beacons: 300 }), [10, 1]),
  row('cron only', only({ cron: 300 }), [10, 1]),
  row('2 minutes', { minutes: 2 }),
  row('5 minutes', { minutes: 5 }),
  row('60 minutes', { minutes: 60 }, [3, 1]),
  row('harsh: all of it', harsh, [10, 1], 'combined'),
  row('10^3 connections', { passersby: 700 }, [3, 1], 'scale'),
  row('10^4 connections', { passersby: 9700 }, [2, 1], 'scale'),
  row('10^5 connections', { passersby: 99_700 }, [1, 0], 'scale'),
  row('10^6 connections', { passersby: 999_700 }, [1, 0], 'scale'),
];
