/** A trace by the published method in words, labelled as such. */
import type { CpfTrace } from '../model/cpf-trace.ts';
import { epochMs, formatTime } from '../model/time.ts';
import { formatTable } from './table.ts';
import { connectionText } from './wrap-text.ts';

/** Candidates shown; `--format json` gives more. */
const CANDIDATES_SHOWN = 20;

export function renderCpfTrace(result: CpfTrace): string {
  const { target, threshold, chain, candidates, compared, notes, fingerprint } = result;
  const table = formatTable(
    [
      { title: 'Connection' },
      { title: 'CPF', align: 'right' },
      { title: 'CV', align: 'right' },
      { title: 'Positions', align: 'right' },
      { title: 'Opened' },
      { title: 'Verdict' },
    ],
    candidates
      .slice(0, CANDIDATES_SHOWN)
      .map((one) => [
        connectionText(one.connection),
        one.cpf.toFixed(3),
        one.cv?.toFixed(3) ?? '-',
        `${one.positions}`,
        clock(one.connection.startMs),
        one.verdict === 'same-chain' ? 'same chain' : 'unrelated',
      ]),
  );
  return [
    `PUBLISHED METHOD (CPF above ${threshold}), NOT THE ENGINE'S ANSWER`,
    '',
    `Target ${connectionText(target)}, ${clock(target.startMs)} to ${clock(target.endMs)} UTC; a fingerprint of ${fingerprint.length} ON and OFF times.`,
    `${compared} connections lived at its time; ${chain.length - 1} of them are called parts of its chain.`,
    '',
    'BY TIME OF OPENING',
    '',
    ...chain.map((one, i) => `${i + 1}. ${clock(one.startMs)}  ${connectionText(one)}`),
    '',
    'CANDIDATES, BY COEFFICIENT OF VARIATION, THE CHAIN FIRST',
    '',
    ...table.trimEnd().split('\n'),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

const clock = (ms: number): string => formatTime(epochMs(Math.round(ms))).slice(11, 19);
