/** Why the hops of a path are believed: sessions under each other, fingerprints, and the terms of each score in words. */
import type { ReportBlock, ReportFingerprint, ReportStrip, ReportTable } from '../../model/report.ts';
import type { ExplainedLogin, TraceExplanation } from '../../model/trace-explanation.ts';
import type { ConnectionView, TraceResult } from '../../model/trace-result.ts';
import { shortText } from './trace-tables.ts';

/** All logins of the path over time, attacker's side first. */
export function sessionBlock({ paths, explanations = [], target }: TraceResult): ReportBlock[] {
  const logins = new Map<string, ExplainedLogin>();
  for (const { upstream, downstream } of explanations) {
    for (const login of [upstream, downstream]) {
      for (const view of login.views) logins.set(keyOf(view), login);
    }
  }
  const hops = (paths[0]?.hops ?? []).filter(({ kind }) => kind === 'login');
  const strips = hops.flatMap(({ connections }, i): ReportStrip[] =>
    connections.map((view, v) => {
      const login = logins.get(keyOf(view));
      const own = login && keyOf(login.principal) === keyOf(view);
      return {
        label: `${i + 1}  ${shortText(view)}`,
        role: i === hops.length - 1 ? 'target' : v === 0 ? 'hop' : 'twin',
        spans: own ? login.activity : [view.startMs, view.endMs],
        lossy: own ? login.lossyWindows : [],
      };
    }),
  );
  const shown: ReportStrip[] =
    strips.length > 0
      ? strips
      : [{ label: shortText(target), role: 'target', spans: [target.startMs, target.endMs], lossy: [] }];
  return [
    { kind: 'gantt', title: 'When each login was active (UTC)', strips: shown },
    {
      kind: 'text',
      text: 'Gaps are silences: times in which neither side sent. A bar without gaps is a view of which only the beginning and the end were compared.',
    },
  ];
}

const keyOf = ({ source, sourcePort, destination, destinationPort, startMs }: ConnectionView): string =>
  `${source} ${sourcePort} ${destination} ${destinationPort} ${startMs}`;

export function evidenceBlocks({ explanations = [], volume }: TraceResult): ReportBlock[] {
  const pairs = explanations.filter(({ about }) => about === 'hop');
  if (pairs.length === 0) {
    const weaker =
      volume && volume.candidates.length > 0
        ? ' Volumes were compared instead, which is weaker evidence; it is no part of a path.'
        : '';
    return [{ kind: 'text', text: `There is no earlier hop, and so no evidence for one.${weaker}` }];
  }
  return pairs.flatMap((pair, i) => [
    { kind: 'fingerprint' as const, fingerprint: fingerprintOf(pair, i) },
    { kind: 'text' as const, text: pair.conclusion },
    { kind: 'table' as const, table: termTable(pair, i) },
  ]);
}

function fingerprintOf(pair: TraceExplanation, i: number): ReportFingerprint {
  const { upstream, downstream, lagMs } = pair;
  const matches = downstream.boundaries.flatMap((boundary) => {
    const match = boundary.matchedWith === null ? undefined : upstream.boundaries[boundary.matchedWith];
    return match ? [[match.timeMs, boundary.timeMs] as const] : [];
  });
  const alone = ({ boundaries }: ExplainedLogin): number[] =>
    boundaries.flatMap(({ matchedWith, compared, timeMs }) =>
      matchedWith === null && compared ? [timeMs] : [],
    );
  return {
    title: `Hop ${i + 1} and the login that it carried`,
    upstream: stripOf(upstream, 'hop'),
    downstream: stripOf(downstream, 'target'),
    lagMs,
    matches,
    unmatchedUpstream: alone(upstream),
    unmatchedDownstream: alone(downstream),
  };
}

const stripOf = (
  { principal, activity, lossyWindows }: ExplainedLogin,
  role: ReportStrip['role'],
): ReportStrip => ({
  label: shortText(principal),
  role,
  spans: activity,
  lossy: lossyWindows,
});

/** The terms add up to the score; the long list of single boundaries is in the file. */
function termTable({ terms, totalNats }: TraceExplanation, i: number): ReportTable {
  return {
    name: `evidence-hop-${i + 1}`,
    title: `What speaks for hop ${i + 1}, and against it`,
    columns: [
      { key: 'what', title: 'Term', kind: 'text', weight: 0.9 },
      { key: 'sentence', title: 'In words', kind: 'text', weight: 6 },
      { key: 'nats', title: 'Nats', kind: 'number', weight: 0.7 },
    ],
    rows: [
      ...terms.map(({ what, sentence, nats }) => [what.replaceAll('-', ' '), sentence, nats]),
      ['score', 'The sum of the terms.', totalNats],
    ],
    shown: 24,
    empty: '',
  };
}
