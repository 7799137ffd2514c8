/** Flows a second of each exporter, from one account of the collector to the next. */
import { useRef } from 'react';
import type { CollectorStatus } from '../../../core/wire/contract-collect.ts';

interface Before {
  readonly time: number;
  readonly flows: ReadonlyMap<string, number>;
}

export function useRates(status: CollectorStatus | null): ReadonlyMap<string, number> {
  const before = useRef<Before>(undefined);
  const rates = useRef<ReadonlyMap<string, number>>(new Map());
  if (!status) {
    before.current = undefined;
    rates.current = new Map();
  } else if (before.current?.time !== status.time) {
    const flows = new Map(
      status.exporters.map((one) => [
        `${one.address}|${one.port ?? ''}|${one.observationDomainId}`,
        one.flows,
      ]),
    );
    const last = before.current;
    if (last && status.time > last.time) {
      const seconds = (status.time - last.time) / 1000;
      rates.current = new Map(
        [...flows].map(([key, count]) => [key, Math.max(0, count - (last.flows.get(key) ?? 0)) / seconds]),
      );
    }
    before.current = { time: status.time, flows };
  }
  return rates.current;
}
