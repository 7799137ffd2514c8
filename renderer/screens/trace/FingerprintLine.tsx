/** One login of the comparison: its activity, what was lost, and the boundaries that it shares with the line above. */
import { formatClock, formatSpan } from '../../parts/format.ts';
import { changeView } from '../../state/view.ts';
import type { ConnectionView } from '../../../core/model/trace-result.ts';
import type { FingerprintRow, Join, Mark } from './fingerprint-rows.ts';
import { lagText } from './trace-words.ts';
import css from './trace.module.css';

export interface FingerprintLineProps {
  readonly row: FingerprintRow;
  readonly name: string;
  readonly y: number;
  readonly rowHeight: number;
  readonly gutter: number;
  readonly width: number;
  readonly range: readonly [number, number];
  readonly x: (ms: number) => number;
}

/** Height of the strip, and where it begins below the line's top. */
const STRIP = 22;
const TOP = 38;
/** Records around a spell of activity, whose times are corrected here and raw there, ms. */
const AROUND = 3000;

export function FingerprintLine(props: FingerprintLineProps) {
  const { row, name, y, rowHeight, gutter, width, range, x } = props;
  const top = y + TOP;
  const above = y - rowHeight + TOP + STRIP;
  const visible = (from: number, to: number) => to >= range[0] && from <= range[1];
  return (
    <g data-tone={row.tone} data-chosen={row.isChosen} className={css['line']}>
      <text x={4} y={top + 15} className={css['lineName']}>
        {name}
      </text>
      <rect x={gutter} y={top} width={width} height={STRIP} className={css['ground']} />
      <g clipPath="url(#inside)">
        {pairsOf(row.activity)
          .filter(([from, to]) => visible(from, to))
          .map(([from, to]) => (
            <rect
              key={from}
              x={x(from)}
              y={top}
              width={Math.max(1.5, x(to) - x(from))}
              height={STRIP}
              className={css['block']}
              onClick={() =>
                row.login && showRecords(row.login.principal, from - row.shiftMs, to - row.shiftMs)
              }
            >
              <title>{`active ${formatClock(from - row.shiftMs)} to ${formatClock(to - row.shiftMs)}, ${formatSpan(to - from)}; click for its flow records`}</title>
            </rect>
          ))}
        {pairsOf(row.lossy)
          .filter(([from, to]) => visible(from, to))
          .map(([from, to]) => (
            <rect
              key={from}
              x={x(from)}
              y={top - 1}
              width={Math.max(2, x(to) - x(from))}
              height={STRIP + 2}
              className={css['lossy']}
            >
              <title>{`records may be lost ${formatClock(from - row.shiftMs)} to ${formatClock(to - row.shiftMs)} (sequence gap)`}</title>
            </rect>
          ))}
        {row.joins.map((join) => (
          <path
            key={`${join.from.boundary.kind}${join.from.ms}`}
            d={`M${x(join.from.ms)} ${above}V${above + 4}L${x(join.to.ms)} ${top - 4}V${top}`}
            className={css['join']}
            data-doubtful={isDoubtful(join)}
          >
            <title>{joinText(join)}</title>
          </path>
        ))}
        {row.missing.map((mark) => (
          <Cross
            key={`m${mark.boundary.kind}${mark.ms}`}
            mark={mark}
            x={x(mark.ms)}
            y={above + 6}
            upstream={false}
          />
        ))}
        {row.unmatched.map((mark) => (
          <Cross
            key={`u${mark.boundary.kind}${mark.ms}`}
            mark={mark}
            x={x(mark.ms)}
            y={top + STRIP + 6}
            upstream
          />
        ))}
      </g>
      <text x={gutter} y={top - 5} className={css['lineLabel']}>
        {row.label}
        {row.lagMs !== 0 && ` · lag ${lagText(row.lagMs)} s`}
      </text>
      {row.problem !== undefined && (
        <text x={gutter + 6} y={top + 15} className={css['lineProblem']}>
          {row.problem}
        </text>
      )}
    </g>
  );
}

function Cross({
  mark,
  x,
  y,
  upstream,
}: {
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
  readonly upstream: boolean;
}) {
  const { kind, nats, doubtful } = mark.boundary;
  const what = kind === 'E' ? 'a silence starts' : 'a silence ends';
  const where = upstream ? 'and nothing agrees on the line above' : 'and nothing agrees on the line below';
  return (
    <path
      d={`M${x - 3} ${y - 3}l6 6m0 -6l-6 6`}
      className={css['crossMark']}
      data-doubtful={doubtful !== null}
    >
      <title>{`${what}, ${where} (${nats.toFixed(1)} nats${doubtfulText(doubtful)})`}</title>
    </path>
  );
}

const isDoubtful = ({ from, to }: Join): boolean =>
  from.boundary.doubtful !== null || to.boundary.doubtful !== null;

const doubtfulText = (doubt: 'loss' | 'short' | null): string =>
  doubt === null ? '' : doubt === 'loss' ? '; loss may have made it' : '; near the idle timeout';

function joinText({ to }: Join): string {
  const { kind, nats, missesByMs, doubtful } = to.boundary;
  const miss = missesByMs === null ? '' : `, ${Math.round(Math.abs(missesByMs))} ms off after lag correction`;
  return `${kind === 'E' ? 'a silence starts' : 'a silence ends'} on both: ${nats.toFixed(1)} nats${miss}${doubtfulText(doubtful)}`;
}

function pairsOf(flat: readonly number[]): (readonly [number, number])[] {
  return Array.from(
    { length: flat.length >> 1 },
    (_, i) => [flat[2 * i] ?? 0, flat[2 * i + 1] ?? 0] as const,
  );
}

/** Its flow records on Explore: both directions, around that spell. */
function showRecords(view: ConnectionView, fromMs: number, toMs: number): void {
  const { source, sourcePort, destination, destinationPort, protocol } = view;
  const way = (a: string, ap: number, b: string, bp: number) =>
    `(src ip ${a} and src port ${ap} and dst ip ${b} and dst port ${bp})`;
  changeView({
    screen: 'explore',
    filter: `proto ${protocol} and (${way(source, sourcePort, destination, destinationPort)} or ${way(destination, destinationPort, source, sourcePort)})`,
    range: { from: Math.floor(fromMs - AROUND), to: Math.ceil(toMs + AROUND) },
    window: null,
  });
}
