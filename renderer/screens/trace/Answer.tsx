/** The answer of a trace and its evidence. */
import { useMemo } from 'react';
import type { ConnectionName } from '../../../core/model/trace-explanation.ts';
import type { TracedPath, TraceResult } from '../../../core/model/trace-result.ts';
import { Panes } from '../../parts/Panes.tsx';
import type { TraceAsked } from '../../state/trace-question.ts';
import { useView } from '../../state/view.ts';
import { Candidates } from './Candidates.tsx';
import { Fingerprints } from './Fingerprints.tsx';
import { Notes } from './Notes.tsx';
import { PathPanel } from './PathPanel.tsx';
import { Sessions } from './Sessions.tsx';
import { keyOf, nameOf } from './trace-words.ts';
import { useExplanations, type TraceState } from './use-trace.ts';
import { Why } from './Why.tsx';

/** px: below it the path needs a larger part of the window. */
const LOW_WINDOW = 850;
/** px: below it the candidates do. */
const NARROW_WINDOW = 1400;

export interface AnswerProps {
  readonly asked: TraceAsked;
  readonly trace: TraceState;
  readonly result: TraceResult;
}

export function Answer({ asked, trace, result }: AnswerProps) {
  const extra = useView((view) => view.extra);
  const shown = Math.min(Number(extra['path'] ?? 0) || 0, Math.max(0, result.paths.length - 1));
  const path = result.paths[shown];
  const chosen = extra['pair'];
  const { names, isPath, index } = useMemo(() => pairsOf(result, path, chosen), [result, path, chosen]);
  const explained = useExplanations(asked, names);
  const isWhy = extra['why'] === '1';
  const isLow = globalThis.innerHeight < LOW_WINDOW;
  const isNarrow = globalThis.innerWidth < NARROW_WINDOW;
  return (
    <Panes
      name="trace-answer"
      orientation="vertical"
      panes={[
        {
          key: 'path',
          size: isLow ? 37 : 29,
          min: 14,
          content: (
            <PathPanel
              asked={asked}
              result={result}
              shown={shown}
              tookMs={trace.tookMs}
              isOld={trace.isOld}
              onAgain={trace.again}
            />
          ),
        },
        {
          key: 'evidence',
          size: isLow ? 63 : 71,
          min: 30,
          content: (
            <Panes
              name="trace-evidence"
              orientation="horizontal"
              panes={[
                {
                  key: 'times',
                  size: isNarrow ? 54 : 58,
                  min: 25,
                  content: (
                    <Panes
                      name="trace-times"
                      orientation="vertical"
                      panes={[
                        {
                          key: 'fingerprints',
                          size: isLow ? 66 : 60,
                          min: 20,
                          content: <Fingerprints explained={explained} isPath={isPath} chosen={chosen} />,
                        },
                        {
                          key: 'sessions',
                          size: isLow ? 34 : 40,
                          min: 15,
                          content: path && <Sessions path={path} target={result.target} />,
                        },
                      ]}
                    />
                  ),
                },
                {
                  key: 'candidates',
                  size: isNarrow ? 46 : 42,
                  min: 20,
                  content: isWhy ? (
                    <Why explained={explained[index]} />
                  ) : (
                    <Panes
                      name="trace-candidates"
                      orientation="vertical"
                      panes={[
                        {
                          key: 'table',
                          size: 64,
                          min: 25,
                          content: <Candidates candidates={result.candidates} chosen={chosen} />,
                        },
                        { key: 'notes', size: 36, min: 12, content: <Notes result={result} /> },
                      ]}
                    />
                  ),
                },
              ]}
            />
          ),
        },
      ]}
    />
  );
}

interface Pairs {
  readonly names: readonly ConnectionName[];
  /** The names are the path's hops, the victim's side first. */
  readonly isPath: boolean;
  /** Which of them is asked about. */
  readonly index: number;
}

/** What is compared: the hops of the path, or one candidate with the target. */
function pairsOf(result: TraceResult, path: TracedPath | undefined, chosen: string | undefined): Pairs {
  const hops = (path?.hops ?? []).filter(({ evidence }) => evidence !== null).toReversed();
  const names = hops.flatMap(({ connections }) => (connections[0] ? [nameOf(connections[0])] : []));
  const onPath = hops.findIndex(({ connections }) => connections.some((view) => keyOf(view) === chosen));
  if (chosen === undefined || onPath >= 0) return { names, isPath: true, index: Math.max(0, onPath) };
  const candidate = result.candidates.find(({ connection }) => keyOf(connection) === chosen);
  if (!candidate) return { names, isPath: true, index: 0 };
  return { names: [nameOf(candidate.connection)], isPath: false, index: 0 };
}
