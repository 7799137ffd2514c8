/** Target and candidates laid over each other at the lag that was found: which silences recur, which do not, what was lost. */
import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconQuestionMark } from '@tabler/icons-react';
import { useMemo } from 'react';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { EmptyNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatClock } from '../../parts/format.ts';
import { changeExtra } from '../../state/view.ts';
import { extentOf, fingerprintRows } from './fingerprint-rows.ts';
import { FingerprintLine } from './FingerprintLine.tsx';
import { ticksOf, useTimeZoom } from './use-time-zoom.ts';
import type { Explained } from './use-trace.ts';
import css from './trace.module.css';

const GUTTER = 66;
const AXIS = 24;
const ROW = 68;
/** For the marks below the last strip. */
const BELOW = 6;

export interface FingerprintsProps {
  readonly explained: readonly Explained[];
  /** Each the login upstream of the one before; false: one candidate against the target. */
  readonly isPath: boolean;
  readonly chosen: string | undefined;
}

export function Fingerprints({ explained, isPath, chosen }: FingerprintsProps) {
  const { ref, width: full } = useElementSize();
  const rows = useMemo(() => fingerprintRows(explained, isPath, chosen), [explained, isPath, chosen]);
  const extent = extentOf(rows);
  const width = Math.max(200, full - GUTTER - 14);
  const zoom = useTimeZoom(extent, width, GUTTER);
  const [from, to] = zoom.range;
  const isLoading = explained.some(({ explanation, error }) => !explanation && !error);
  const first = explained.find(({ explanation }) => explanation)?.explanation;
  const x = (ms: number) => GUTTER + ((ms - from) / (to - from)) * width;
  const height = AXIS + rows.length * ROW + BELOW;
  return (
    <Panel
      title="Fingerprint comparison"
      tools={
        <>
          {first && (
            <span className={`truncate ${css['wideOnly']}`}>
              silences &gt; {Math.round(first.thresholdMs / 1000)} s, lag-corrected · drag or wheel to zoom
            </span>
          )}
          {zoom.isZoomed && (
            <Button size="compact-xs" variant="subtle" onClick={zoom.reset}>
              Whole <KeyHint keys={['0']} />
            </Button>
          )}
          {first && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconQuestionMark size={12} aria-hidden />}
              onClick={() => changeExtra({ why: '1' })}
            >
              Why this verdict?
            </Button>
          )}
        </>
      }
    >
      <div ref={ref}>
        {rows.length === 0 ? (
          isLoading ? (
            <LoadingNote lines={6} />
          ) : (
            <EmptyNote title="Nothing to compare.">
              Choose a candidate at the right: its silences are laid over the target’s.
            </EmptyNote>
          )
        ) : (
          <>
            <svg
              className={css['fingerprints']}
              width={GUTTER + width + 14}
              height={height}
              tabIndex={0}
              role="group"
              aria-label="Fingerprints over time; arrow keys move, plus and minus zoom, 0 shows the whole"
              {...zoom.handlers}
            >
              <defs>
                <pattern
                  id="lossy"
                  width={6}
                  height={6}
                  patternUnits="userSpaceOnUse"
                  patternTransform="rotate(45)"
                >
                  <line x1={0} y1={0} x2={0} y2={6} className={css['hatch']} />
                </pattern>
                <clipPath id="inside">
                  <rect x={GUTTER} y={0} width={width} height={height} />
                </clipPath>
              </defs>
              {ticksOf(from, to).map((ms) => (
                <g key={ms}>
                  <line x1={x(ms)} x2={x(ms)} y1={AXIS - 6} y2={height} className={css['tick']} />
                  <text x={x(ms)} y={12} textAnchor="middle" className={css['tickText']}>
                    {formatClock(ms).slice(0, to - from < 5000 ? 12 : 8)}
                  </text>
                </g>
              ))}
              {rows.map((row, i) => (
                <FingerprintLine
                  key={row.key}
                  row={row}
                  name={i === 0 ? 'target' : isPath ? `${i} back` : 'candidate'}
                  y={AXIS + i * ROW}
                  rowHeight={ROW}
                  gutter={GUTTER}
                  width={width}
                  range={zoom.range}
                  x={x}
                />
              ))}
              {zoom.dragged && (
                <rect
                  className={css['zoomBox']}
                  x={zoom.dragged[0]}
                  width={zoom.dragged[1] - zoom.dragged[0]}
                  y={AXIS - 6}
                  height={height - AXIS + 6}
                />
              )}
            </svg>
            <Legend />
          </>
        )}
      </div>
    </Panel>
  );
}

function Legend() {
  return (
    <p className={css['legend']}>
      <span>
        <i className={css['legendJoin']} /> boundary recurs
      </span>
      <span>
        <i className={css['legendDoubt']} /> doubtful
      </span>
      <span>
        <b aria-hidden>×</b> recurs on one side only
      </span>
      <span>
        <i className={css['legendLossy']} /> records may be lost
      </span>
    </p>
  );
}
