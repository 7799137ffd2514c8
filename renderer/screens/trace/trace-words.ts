/** A trace in words: what the screen says, and what is copied as text. */
import type { ConnectionName } from '../../../core/model/trace-explanation.ts';
import type {
  ConnectionView,
  Hop,
  TracedPath,
  TraceResult,
  Verdict,
} from '../../../core/model/trace-result.ts';
import { formatSpan, formatStamp } from '../../parts/format.ts';
import { formatEndpoint } from '../../../core/model/address.ts';

/** An address with its site where it is one that repeats. */
export const placeText = (address: string, site?: string): string =>
  site === undefined || site === address ? address : `${address} at ${site}`;

/** `source:port → destination:port` */
export const connectionText = (connection: ConnectionName): string =>
  `${formatEndpoint(connection.source, connection.sourcePort)} → ${formatEndpoint(connection.destination, connection.destinationPort)}`;

export const nameOf = ({
  source,
  sourcePort,
  destination,
  destinationPort,
}: ConnectionName): ConnectionName => ({ source, sourcePort, destination, destinationPort });

/** For the address of the view, and to compare by. */
export const keyOf = (name: ConnectionName): string => connectionText(name);

export const sameConnection = (a: ConnectionName, b: ConnectionName): boolean => keyOf(a) === keyOf(b);

/** `3e-14`, `0.02`, `310`; what is beyond counting is said so. */
export function eText(value: number): string {
  if (value === 0) return '0';
  if (value >= 1000) return '> 1000';
  if (value >= 10) return value.toFixed(0);
  if (value >= 0.01) return value.toPrecision(2);
  return value.toExponential(0).replace('e-', 'e−');
}

/** `+0.253`, seconds. */
export const lagText = (ms: number): string => `${ms < 0 ? '−' : '+'}${(Math.abs(ms) / 1000).toFixed(3)}`;

export const natsText = (nats: number): string => `${nats < 0 ? '−' : ''}${Math.abs(nats).toFixed(1)}`;

export const verdictWords: Readonly<Record<Verdict, string>> = {
  path: 'on the path',
  twin: 'NAT twin',
  related: 'related',
  indistinguishable: 'same rhythm',
  unrelated: 'unrelated',
  insufficient: 'cannot tell',
};

/** What each verdict means, for the hover. */
export const verdictMeaning: Readonly<Record<Verdict, string>> = {
  path: 'A login of the best-supported path',
  twin: 'The same packets on the other side of an address translation',
  related: 'Its silences agree, and it lies on another path',
  indistinguishable: 'Both keep a rhythm that matches at any lag: the timing is no evidence',
  unrelated: 'Its silences do not agree better than a stranger’s may',
  insufficient: 'Too few silences to tell',
};

/** The best path as a sentence. */
export function pathSentence(path: TracedPath): string {
  const { hops } = path;
  const first = hops[0];
  const last = hops.at(-1);
  if (!first || !last) return 'No path was found.';
  const origin = placeText(first.from, first.fromSite);
  const victim = placeText(last.to, last.toSite);
  if (hops.length === 1) {
    return `The login to ${victim} came from ${origin}, the earliest observed hop: nothing upstream of it was seen.`;
  }
  const through = hops
    .slice(1)
    .map((hop) =>
      hop.kind === 'inferred' ? 'a hop that no exporter saw' : placeText(hop.from, hop.fromSite),
    );
  return `The login to ${victim} came through ${through.toReversed().join(', then ')}, from ${origin}, the earliest observed hop.`;
}

/** `2 of 3 links observed, 1 inferred` */
export function linkCount(path: TracedPath): string {
  const inferred = path.hops.filter(({ kind }) => kind === 'inferred').length;
  const logins = path.hops.length - inferred;
  const views = path.hops.reduce((sum, hop) => sum + hop.connections.length, 0);
  return `${views} connections · ${logins} ${logins === 1 ? 'login' : 'logins'} observed${inferred > 0 ? ` · ${inferred} inferred` : ''}`;
}

export function evidenceText({ evidence }: Hop): string {
  if (!evidence) return 'the connection under investigation';
  const { scoreNats, eValue, lagMs, matched, boundaries, cpf } = evidence;
  const counted =
    evidence.reading === 'boundaries'
      ? `${matched} of ${boundaries} boundaries recur`
      : `${evidence.contained} of ${evidence.tested} silences lie within the other’s`;
  return `${natsText(scoreNats)} nats, E ${eText(eValue)}, lag ${lagText(lagMs)} s, ${counted}, CPF ${cpf.toFixed(2)}`;
}

/** The whole answer as plain text. */
export function resultText(result: TraceResult): string {
  const lines = [`Target: ${describe(result.target)}`];
  if (result.refusal !== null) lines.push(result.refusal);
  for (const [i, path] of result.paths.entries()) {
    lines.push(
      '',
      `${i === 0 ? 'Best-supported path' : `Path ${i + 1}`} (${natsText(path.scoreNats)} nats):`,
    );
    if (i === 0) lines.push(pathSentence(path));
    for (const hop of path.hops) {
      lines.push(
        `  ${placeText(hop.from, hop.fromSite)} → ${placeText(hop.to, hop.toSite)}${hop.kind === 'inferred' ? ' (inferred, no exporter saw it)' : ''}: ${evidenceText(hop)}`,
      );
      for (const view of hop.connections) lines.push(`    ${describe(view)}`);
    }
  }
  lines.push('', 'Notes:', ...result.notes.map((note) => `  - ${note}`));
  return lines.join('\n');
}

const describe = (view: ConnectionView): string =>
  `${connectionText(view)}, ${formatStamp(view.startMs)} to ${formatStamp(view.endMs)} UTC (${formatSpan(view.endMs - view.startMs)}), ${view.records} records, seen by ${view.exporters.join(', ')}`;
