/** The logins of the path in time, one within the other: upstream opens first and closes last. */
import type { ConnectionView, Hop, TracedPath } from '../../../core/model/trace-result.ts';
import { EmptyNote, Panel } from '../../parts/Panel.tsx';
import { formatClock, formatSpan } from '../../parts/format.ts';
import { changeExtra } from '../../state/view.ts';
import { connectionText, keyOf, placeText } from './trace-words.ts';
import css from './trace.module.css';

interface Bar {
  readonly key: string;
  readonly label: string;
  readonly tone: 'target' | 'hop' | 'twin' | 'inferred';
  /** Null where no exporter saw it, and its times are not known. */
  readonly span: readonly [number, number] | null;
  readonly pair: string | undefined;
}

export function Sessions({ path, target }: { readonly path: TracedPath; readonly target: ConnectionView }) {
  const bars = path.hops.flatMap((hop, i) => barsOf(hop, i === path.hops.length - 1, target));
  const spans = bars.flatMap(({ span }) => span ?? []);
  const [from, to] = [Math.min(...spans), Math.max(...spans)];
  const length = Math.max(1, to - from);
  const share = (ms: number) => (100 * (ms - from)) / length;
  return (
    <Panel title="Sessions" tools={<span>upstream opens first and closes last · lag-corrected clocks</span>}>
      {spans.length === 0 ? (
        <EmptyNote title="No session was observed." />
      ) : (
        <>
          <div className={css['axis']} aria-hidden>
            {[0, 0.25, 0.5, 0.75, 1].map((part) => (
              <span key={part}>{formatClock(from + part * length).slice(0, 8)}</span>
            ))}
          </div>
          <ul className={css['bars']}>
            {bars.map(({ key, label, tone, span, pair }) => (
              <li key={key}>
                <button
                  type="button"
                  className={css['bar']}
                  data-tone={tone}
                  disabled={pair === undefined}
                  style={
                    span
                      ? {
                          marginLeft: `${share(span[0])}%`,
                          width: `${Math.max(0.4, share(span[1]) - share(span[0]))}%`,
                        }
                      : undefined
                  }
                  title={
                    span
                      ? `${label}: ${formatClock(span[0])} to ${formatClock(span[1])}, ${formatSpan(span[1] - span[0])}`
                      : `${label}: no exporter saw it, its times are not known`
                  }
                  onClick={() => changeExtra({ pair, why: undefined })}
                >
                  {label}
                  {span && <span className={css['barSpan']}>{formatSpan(span[1] - span[0])}</span>}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function barsOf(hop: Hop, isTarget: boolean, target: ConnectionView): Bar[] {
  if (hop.kind === 'inferred') {
    const label = `${placeText(hop.from, hop.fromSite)} → ${placeText(hop.to, hop.toSite)} (inferred)`;
    return [{ key: label, label, tone: 'inferred', span: null, pair: undefined }];
  }
  return hop.connections.map((view, k): Bar => {
    const isInvestigated = isTarget && keyOf(view) === keyOf(target);
    return {
      key: keyOf(view) + view.startMs,
      label: connectionText(view),
      tone: isInvestigated ? 'target' : k === 0 && !isTarget ? 'hop' : 'twin',
      span: [view.startMs, view.endMs],
      pair: isTarget ? undefined : keyOf(view),
    };
  });
}
