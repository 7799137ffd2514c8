/** A chart on a canvas. What it shows stands in its label too, for those who do not see it. */
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useEffect, useRef } from 'react';
import css from './chart.module.css';

export interface ChartProps {
  readonly option: EChartsCoreOption;
  /** What the chart says, in a sentence. */
  readonly label: string;
}

export function Chart({ option, label }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const latest = useRef(option);
  latest.current = option;

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    let gone = false;
    const observer = new ResizeObserver(() => chart.current?.resize());
    void import('./echarts.ts').then(({ makeChart }) => {
      if (gone) return;
      chart.current = makeChart(element);
      chart.current.setOption(latest.current);
      observer.observe(element);
    });
    return () => {
      gone = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);

  const drawn = useRef(option);
  useEffect(() => {
    // Other numbers of the same series are put in place of those before, in the next picture; the hover stays.
    const notMerge = seriesOf(option) !== seriesOf(drawn.current);
    drawn.current = option;
    chart.current?.setOption(option, { notMerge, lazyUpdate: true });
  }, [option]);

  return <div ref={host} className={css['chart']} role="img" aria-label={label} />;
}

function seriesOf({ series }: EChartsCoreOption): string {
  const list = (series ?? []) as readonly { readonly name?: string }[];
  return list.map(({ name = '' }) => name).join('\n');
}
