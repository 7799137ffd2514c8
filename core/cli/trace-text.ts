/** A trace in words that can be read aloud: the path hop by hop, then the candidates, then what is missing. */
import type { Candidate, Hop, HopEvidence, TraceResult } from '../model/trace-result.ts';
import { epochMs, formatTime } from '../model/time.ts';
import { explanationLines } from './explain-text.ts';
import { formatTable } from './table.ts';
import { volumeLines } from './volume-text.ts';
import { counted } from '../model/text.ts';
import { connectionText, endpoint, wrap } from './wrap-text.ts';
import { verdictWords } from '../app/trace/verdict-words.ts';

/** Candidates shown; `--format json` gives all. */
const CANDIDATES_SHOWN = 12;

/** `places`: lines on where the addresses of the path are. */
export function renderTrace(result: TraceResult, places: readonly string[] = []): string {
  return [
    ...headline(result),
    ...pathLines(result),
    ...places,
    ...(result.explanations ?? []).flatMap(explanationLines),
    ...candidateLines(result),
    ...volumeLines(result.volume),
    ...missingLines(result),
  ].join('\n');
}

function headline({ target, paths }: TraceResult): string[] {
  const hops = paths[0]?.hops ?? [];
  const logins = hops.filter((hop) => hop.kind === 'login').length;
  const first = hops[0];
  const where = `${endpoint(target.destination, target.destinationPort, target.destinationSite)}, which saw it come from ${endpoint(target.source, target.sourcePort, target.sourceSite)}`;
  const answer =
    logins <= 1 || !first
      ? 'No earlier login was found that carried it: what was observed begins with this connection.'
      : `It came through ${counted(logins - 1, 'earlier login')}. Earliest observed hop: ${host(first.from, first.fromSite)}.`;
  return [
    ...wrap(
      `Login to ${where}, open ${clock(target.startMs)} to ${clock(target.endMs)} UTC on ${day(target.startMs)}.`,
    ),
    '',
    ...wrap(answer),
    '',
  ];
}

function pathLines({ paths }: TraceResult): string[] {
  const hops = paths[0]?.hops ?? [];
  const lines = ['THE PATH, EARLIEST FIRST', ''];
  for (const [i, hop] of hops.entries()) {
    const isTarget = i === hops.length - 1;
    const heading = `${i + 1}. ${host(hop.from, hop.fromSite)} to ${host(hop.to, hop.toSite)}`;
    if (hop.kind === 'inferred') {
      lines.push(
        `${heading}: inferred`,
        ...indent('At least one hop that no exporter saw lies between.'),
        '',
      );
      continue;
    }
    lines.push(`${heading}${isTarget ? ' (the victim)' : ''}`, ...hopLines(hop, nextLogin(hops, i)), '');
  }
  return lines;
}

/** The number of the next hop that was seen, which this hop's evidence speaks of. */
function nextLogin(hops: readonly Hop[], from: number): number {
  return hops.findIndex((hop, i) => i > from && hop.kind === 'login') + 1;
}

function hopLines(hop: Hop, next: number): string[] {
  const first = hop.connections[0];
  if (!first) return [];
  const start = Math.min(...hop.connections.map((c) => c.startMs));
  const end = Math.max(...hop.connections.map((c) => c.endMs));
  const span = `Open ${clock(start)} to ${clock(end)} UTC, ${duration(end - start)}; ${first.packets.toLocaleString('en')} packets.`;
  return [
    ...indent(span),
    ...hop.connections.map(
      (view, i) =>
        `   ${i === 0 ? 'Seen as' : '       '} ${connectionText(view)}, by ${view.exporters.join(', ')}`,
    ),
    ...(hop.evidence ? indent(evidenceText(hop.evidence, next)) : []),
  ];
}

function evidenceText(evidence: HopEvidence, next: number): string {
  return [
    agreement(evidence, next),
    nesting(evidence, next),
    doubt(evidence, next),
    `Chance alone would agree so well once in ${odds(evidence.eValue)} questions like this, where ${evidence.alternatives === 1 ? 'one login' : `${evidence.alternatives} logins`} could have stood here (score ${evidence.scoreNats.toFixed(1)} nats; CPF ${evidence.cpf.toFixed(2)}; activity overlaps by ${(evidence.activityOverlap * 100).toFixed(0)} %).`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function agreement(evidence: HopEvidence, next: number): string {
  const { boundaries, matched, reading, tested, contained } = evidence;
  switch (reading) {
    case 'boundaries':
      return `It carried hop ${next}: of the ${boundaries} moments at which hop ${next} fell silent or spoke again, ${matched} recur here, ${lagText(evidence.lagMs)}.`;
    case 'chaff-upstream':
      return `It carried hop ${next}: ${contained} of its ${tested} silences lie within silences of hop ${next}, ${lagText(evidence.lagMs)}; it was also active while hop ${next} was silent, as chaff or other work would make it.`;
    case 'chaff-downstream':
      return `It carried hop ${next}: ${contained} of hop ${next}'s ${tested} silences lie within its own, ${lagText(evidence.lagMs)}; hop ${next} was also active while this one was silent.`;
  }
}

function lagText(lagMs: number): string {
  const seconds = Math.abs(lagMs / 1000);
  if (seconds < 0.05) return 'at the same time';
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s ${lagMs < 0 ? 'earlier' : 'later'}`;
}

function nesting({ opensBeforeMs, closesAfterMs }: HopEvidence, next: number): string {
  const parts = [
    opensBeforeMs === null
      ? ''
      : `opened ${duration(Math.abs(opensBeforeMs))} ${opensBeforeMs < 0 ? 'after' : 'before'} hop ${next}`,
    closesAfterMs === null
      ? ''
      : `closed ${duration(Math.abs(closesAfterMs))} ${closesAfterMs < 0 ? 'before' : 'after'} it`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `It ${parts.join(' and ')}.`;
}

function doubt({ doubtful, supportNats, boundaries }: HopEvidence, next: number): string {
  const sentences: string[] = [];
  if (supportNats > 0) {
    sentences.push(
      `Seen by itself that would not convince; the hops beyond support it (${supportNats.toFixed(1)} nats).`,
    );
  }
  if (doubtful > boundaries / 2) {
    sentences.push(
      `${doubtful} of hop ${next}'s moments count half, for lost datagrams or silences near the idle timeout.`,
    );
  }
  return sentences.join(' ');
}

/** 1 / E in words: `150`, `20,000`, `10^21`. */
function odds(eValue: number): string {
  const inverse = 1 / eValue;
  if (inverse < 1e6)
    return Math.max(1, Math.floor(inverse)).toLocaleString('en', { maximumSignificantDigits: 2 });
  return `10^${Math.floor(Math.log10(inverse))}`;
}

function candidateLines({ candidates }: TraceResult): string[] {
  if (candidates.length === 0) return ['CANDIDATES', '', 'No other connection can be compared with it.', ''];
  const shown = candidates.slice(0, CANDIDATES_SHOWN);
  const table = formatTable(
    [
      { title: 'Connection' },
      { title: 'Nats', align: 'right' },
      { title: 'E-value', align: 'right' },
      { title: 'CPF', align: 'right' },
      { title: 'Lag s', align: 'right' },
      { title: 'Verdict' },
    ],
    shown.map((candidate) => candidateRow(candidate)),
  );
  const rest = candidates.length - shown.length;
  return [
    'CANDIDATES, BEST FIRST',
    '',
    ...table.trimEnd().split('\n'),
    ...(rest > 0 ? [`${rest} more, weaker; --format json lists the best of them.`] : []),
    '',
  ];
}

function candidateRow(candidate: Candidate): string[] {
  return [
    connectionText(candidate.connection),
    candidate.scoreNats.toFixed(1),
    candidate.eValue === 0 ? '-' : candidate.eValue.toExponential(0),
    candidate.cpf.toFixed(2),
    (candidate.lagMs / 1000).toFixed(1),
    verdictWords[candidate.verdict],
  ];
}

function missingLines({ notes }: TraceResult): string[] {
  const lines = ['WHAT IS MISSING', ''];
  for (const note of notes) lines.push(...wrap(note, '- ', '  '));
  return [...lines, '', ''];
}

const host = (address: string, site?: string): string =>
  site === undefined ? address : `${address} at site ${site}`;

const clock = (ms: number): string => formatTime(epochMs(Math.round(ms))).slice(11, 19);
const day = (ms: number): string => formatTime(epochMs(Math.round(ms))).slice(0, 10);

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const indent = (text: string): string[] => wrap(text, '   ', '   ');
