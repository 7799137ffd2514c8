/** Runs in the page under test, beside the workstation: a client of its own, and how late each live flow comes. */
import { makeClient } from '../../core/wire/client.ts';
import { contract } from '../../core/wire/contract.ts';
import { openSocketPipe, SUBPROTOCOL, TOKEN_PREFIX } from '../../core/wire/socket-pipe.ts';

export const client = makeClient(contract, () => {
  const { location, sessionStorage } = globalThis as unknown as {
    readonly location: { readonly host: string };
    readonly sessionStorage: { getItem(key: string): string };
  };
  const token = TOKEN_PREFIX + sessionStorage.getItem('backtrail-token');
  return openSocketPipe(new WebSocket(`ws://${location.host}/wire`, [SUBPROTOCOL, token]));
});

export interface Arrivals {
  /** Flows that came to the page one by one, and those that its item only counted. */
  readonly shown: number;
  readonly leftOut: number;
  readonly items: number;
  /** From when a flow's datagram was sent to when the page had it: ms at the 50th, 99th and 100th percentile. */
  readonly quantiles: readonly number[];
}

/** Follows the live flows for a while, as many of an item as the Tracker takes. The sender has put the moment of sending into the start of each flow. */
export async function arrivals(ms: number): Promise<Arrivals> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  const late: number[] = [];
  let leftOut = 0;
  let items = 0;
  for await (const item of client.feed('collect.flows', { maxRows: 128 }, { signal: stop.signal })) {
    const now = performance.timeOrigin + performance.now();
    for (const row of item.rows) if (row.startMs !== null) late.push(now - row.startMs);
    leftOut += item.leftOut;
    items++;
  }
  clearTimeout(timer);
  const sorted = Float64Array.from(late).sort();
  const quantiles = [0.5, 0.99, 1].map((q) => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN);
  return { shown: late.length, leftOut, items, quantiles };
}
