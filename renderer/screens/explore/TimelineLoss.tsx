/** Under the bars: when flows are missing, because the sequence numbers of an exporter that was heard leave gaps. */
import { useCall } from '../../link/use-call.ts';
import { formatCount, formatStamp } from '../../parts/format.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { plot } from './timeline-window.ts';
import css from './explore.module.css';

export function TimelineLoss({ window }: { readonly window: TimeRange }) {
  const { data } = useCall('workspace.exporters', {});
  const share = (ms: number) =>
    (100 * (Math.min(Math.max(ms, window.from), window.to) - window.from)) / (window.to - window.from);
  const lossy = (data?.exporters ?? []).flatMap(({ address, account }) =>
    account &&
    account.lost > 0 &&
    account.lastReceivedMs >= window.from &&
    account.firstReceivedMs < window.to
      ? [{ address, ...account }]
      : [],
  );
  if (lossy.length === 0) return null;
  return (
    <div className={css['loss']} style={{ left: plot.left, right: plot.right }}>
      {lossy.map(({ address, lost, firstReceivedMs, lastReceivedMs }) => {
        const sentence = `${address}: its sequence numbers miss ${formatCount(lost)} units between ${formatStamp(firstReceivedMs)} and ${formatStamp(lastReceivedMs)} UTC.`;
        return (
          <span
            key={`${address} ${firstReceivedMs}`}
            className={css['lossy']}
            role="img"
            aria-label={sentence}
            title={sentence}
            style={{
              left: `${share(firstReceivedMs)}%`,
              width: `max(2px, ${share(lastReceivedMs) - share(firstReceivedMs)}%)`,
            }}
          />
        );
      })}
    </div>
  );
}
