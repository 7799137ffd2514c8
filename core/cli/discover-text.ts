/** Stepping stones in words: a table of the best, and what bounds it. */
import type { Discovery, SteppingStone } from '../model/trace-discovery.ts';
import { formatTable } from './table.ts';
import { connectionText, wrap } from './wrap-text.ts';

export function renderDiscovery(discovery: Discovery): string {
  const { found, total, connections, comparable, notes } = discovery;
  const number = (n: number): string => n.toLocaleString('en');
  const searched = `${number(connections)} connections, ${number(comparable)} logins with silences to compare.`;
  const lines =
    found.length === 0
      ? ['No stepping stone was found.', searched]
      : [
          `${number(total)} stepping stone${total === 1 ? '' : 's'} found; the best ${number(found.length)} are listed, of which ${falseText(discovery.expectedFalse)} expected to be false.`,
          searched,
          '',
          ...formatTable(
            [
              { title: 'Login into the host' },
              { title: 'Host' },
              { title: 'Login out of it' },
              { title: 'Nats', align: 'right' },
              { title: 'E-value', align: 'right' },
              { title: 'CPF', align: 'right' },
              { title: 'Lag s', align: 'right' },
            ],
            found.map(stoneRow),
          )
            .trimEnd()
            .split('\n'),
        ];
  return [...lines, '', ...notes.flatMap((note) => wrap(note, '- ', '  ')), ''].join('\n');
}

const falseText = (expected: number): string =>
  expected < 0.01 ? 'fewer than 0.01 are' : `${expected.toFixed(2)} are`;

function stoneRow(stone: SteppingStone): string[] {
  return [
    connectionText(stone.upstream),
    stone.host === undefined
      ? 'inferred'
      : `${stone.host}${stone.hostSite === undefined ? '' : ` (${stone.hostSite})`}`,
    connectionText(stone.downstream),
    stone.scoreNats.toFixed(1),
    stone.eValue.toExponential(0),
    stone.cpf.toFixed(2),
    (stone.lagMs / 1000).toFixed(1),
  ];
}
