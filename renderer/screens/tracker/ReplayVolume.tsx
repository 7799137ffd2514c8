/** How much there was over the range, under the play head. */
import { useCall } from '../../link/use-call.ts';
import { useSelection } from '../../state/selection.ts';
import { epochMs } from '../../../core/model/time.ts';
import { useView } from '../../state/view.ts';
import type { TimeRange } from '../../state/view-url.ts';
import css from './tracker.module.css';

const BUCKETS = 240;

export function ReplayVolume({ range: { from, to } }: { readonly range: TimeRange }) {
  const selection = useSelection();
  const by = useView((view) => view.measure);
  const { data } = useCall('query.series', {
    ...selection,
    from: epochMs(from),
    to: epochMs(to),
    maxBuckets: BUCKETS,
    by,
  });
  const line = data?.lines[0];
  if (!data || !line) return <div className={css['volume']} />;
  const most = Math.max(1, ...line.values);
  const share = (index: number): number => (data.startMs + index * data.bucketMs - from) / (to - from);
  const columns = [...line.values].map((value, i) => {
    const left = Math.max(0, share(i));
    const right = Math.min(1, share(i + 1));
    return `M${left} 1V${1 - value / most}H${Math.max(left, right)}V1Z`;
  });
  return (
    <svg
      className={css['volume']}
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      aria-label={`${by} over time`}
    >
      <path d={columns.join('')} />
    </svg>
  );
}
