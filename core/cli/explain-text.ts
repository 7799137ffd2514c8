/** Why a hop, or a candidate, scores what it does: term by term, then moment by moment. */
import { epochMs, formatTime } from '../model/time.ts';
import type { ExplainedBoundary, TraceExplanation } from '../model/trace-explanation.ts';
import { formatTable } from './table.ts';
import { connectionText, wrap } from './wrap-text.ts';

export function explanationLines(explanation: TraceExplanation): string[] {
  const { about, upstream, downstream, terms, totalNats, conclusion } = explanation;
  const lines = terms.flatMap(({ nats, sentence }) =>
    wrap(sentence, `${signed(nats).padStart(9)}  `, ' '.repeat(11)),
  );
  return [
    about === 'hop' ? 'WHY THIS HOP' : 'WHY THIS CANDIDATE',
    '',
    `Upstream    ${connectionText(upstream.principal)}`,
    `Downstream  ${connectionText(downstream.principal)}`,
    '',
    ...lines,
    `${signed(totalNats).padStart(9)}  nats in all`,
    '',
    ...wrap(conclusion),
    '',
    ...detailLines(explanation),
    '',
  ];
}

function detailLines(explanation: TraceExplanation): string[] {
  const { reading, silences, upstream, downstream } = explanation;
  const table =
    reading === 'boundaries'
      ? formatTable(
          [
            { title: 'Upstream, UTC' },
            { title: 'Moment' },
            { title: 'Downstream, UTC' },
            { title: 'Off by s', align: 'right' },
            { title: 'Nats', align: 'right' },
            { title: 'Doubt' },
          ],
          upstream.boundaries
            .filter(({ compared }) => compared)
            .map((one) => boundaryRow(one, downstream.boundaries[one.matchedWith ?? -1])),
        )
      : formatTable(
          [
            { title: 'Silence from, UTC' },
            { title: 'to' },
            { title: 'Contained' },
            { title: 'By chance', align: 'right' },
            { title: 'Nats', align: 'right' },
          ],
          silences.map(({ fromMs, toMs, contained, chance, nats }) => [
            clock(fromMs),
            clock(toMs),
            contained ? 'yes' : 'no',
            `${(chance * 100).toFixed(1)} %`,
            signed(nats),
          ]),
        );
  return table.trimEnd().split('\n');
}

function boundaryRow(one: ExplainedBoundary, match: ExplainedBoundary | undefined): string[] {
  return [
    clock(one.timeMs),
    one.kind === 'E' ? 'falls silent' : 'speaks again',
    match ? clock(match.timeMs) : 'nothing agrees',
    one.missesByMs === null ? '-' : (one.missesByMs / 1000).toFixed(2),
    signed(one.nats),
    { loss: 'lost datagrams', short: 'near the timeout', none: '' }[one.doubtful ?? 'none'],
  ];
}

const signed = (nats: number): string => `${nats < 0 ? '-' : '+'}${Math.abs(nats).toFixed(1)}`;
const clock = (ms: number): string => formatTime(epochMs(Math.round(ms))).slice(11, 23);
