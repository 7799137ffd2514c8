/** The report on one trace: the answer first, then the path, its evidence, what bounds it, and how to run it again. */
import type { Place } from '../../model/place.ts';
import type { Report, ReportBlock, ReportPoint, ReportSection } from '../../model/report.ts';
import { formatTime } from '../../model/time.ts';
import type { Hop, TraceResult } from '../../model/trace-result.ts';
import { partyText } from '../../trace/question.ts';
import { placesOf } from '../geo/places.ts';
import { readGeoSettings } from '../geo/settings.ts';
import { sourcesOfRange } from './exporters.ts';
import { storeName } from './month.ts';
import { sourceTable } from './month-completeness.ts';
import { evidenceBlocks, sessionBlock } from './trace-evidence.ts';
import { candidateTable, clockTable, endpointText } from './trace-tables.ts';
import { momentWords, placeWords, protocolWord } from './words.ts';
import { packageVersion } from '../resources.ts';
import { DEFAULT_WITHIN, traceStore, type TraceRequest } from '../trace/store.ts';

export interface TraceReportRequest extends Omit<TraceRequest, 'explain'> {
  /** When it is made, epoch ms. */
  readonly nowMs: number;
  /** How the store is named in the command that runs the trace again: not by a path of this machine. */
  readonly storeArgument: string;
}

/** Runs the trace and reports on it. Rejects with the ApiErrors of `traceStore`. */
export async function reportTrace(folder: string, request: TraceReportRequest): Promise<Report> {
  const result = traceStore(folder, { ...request, explain: 'path' });
  return traceReport(folder, request, result);
}

/** The report on a trace that was run with `explain: 'path'`; the places and the sources are looked up now. */
export async function traceReport(
  folder: string,
  request: TraceReportRequest,
  result: TraceResult,
): Promise<Report> {
  const hops = result.paths[0]?.hops ?? [];
  const addresses = [...new Set(endsOf(hops).flatMap(({ key, views }) => [key, ...views]))];
  const found = await placesOf(readGeoSettings(folder), addresses, undefined);
  const places = new Map(found.map((place, i) => [addresses[i] ?? '', place]));
  const { target } = result;
  const { at, within, nowMs } = request;
  const range = { from: at - within, to: at + within };
  const sections: ReportSection[] = [
    { id: 'path', title: 'The path, earliest first', blocks: pathBlocks(result, places) },
    { id: 'sessions', title: 'Sessions', blocks: sessionBlock(result) },
    { id: 'evidence', title: 'Evidence', blocks: evidenceBlocks(result) },
    { id: 'candidates', title: 'Candidates', blocks: [{ kind: 'table', table: candidateTable(result) }] },
    { id: 'limits', title: 'Limits of this answer', blocks: limitBlocks(result, found) },
    {
      id: 'provenance',
      title: 'Where it comes from, and how to run it again',
      blocks: [
        { kind: 'text', text: `Run with backtrail ${packageVersion()}, where the store is:` },
        { kind: 'command', text: commandOf(request) },
        {
          kind: 'text',
          text: `Flows were read from ${momentWords(range.from)} to ${momentWords(range.to)}, of these sources:`,
        },
        { kind: 'table', table: { ...sourceTable(sourcesOfRange(folder, range)), shown: 60 } },
      ],
    },
  ];
  return {
    what: 'trace',
    title: `Login to ${endpointText(target, 'destination')}`,
    question: questionOf(request),
    answer: answerOf(result),
    generatedMs: nowMs,
    fromMs: range.from,
    toMs: range.to,
    store: storeName(folder),
    program: `backtrail ${packageVersion()}`,
    sections,
  };
}

const named = (address: string, site: string | undefined): string =>
  site === undefined ? address : `${address}@${site}`;

/** A host of the path, and the addresses under which views of its logins show it. */
interface HopEnd {
  readonly address: string;
  /** With its site, where it has one. */
  readonly key: string;
  readonly views: readonly string[];
}

/** The beginning of each hop, and the end of the last. */
function endsOf(hops: readonly Hop[]): HopEnd[] {
  const ends = hops.map(({ from, fromSite, connections }, i) => ({
    address: from,
    key: named(from, fromSite),
    views: [
      ...connections.map(({ source, sourceSite }) => named(source, sourceSite)),
      ...(hops[i - 1]?.connections ?? []).map(({ destination, destinationSite }) =>
        named(destination, destinationSite),
      ),
    ],
  }));
  const last = hops.at(-1);
  if (!last) return ends;
  const views = last.connections.map(({ destination, destinationSite }) =>
    named(destination, destinationSite),
  );
  return [...ends, { address: last.to, key: named(last.to, last.toSite), views }];
}

function questionOf({ victim, at, from, site }: TraceReportRequest): string {
  const who = site === undefined ? partyText(victim) : `${partyText(victim)} at site ${site}`;
  const peer = from ? `, which saw it come from ${partyText(from)}` : '';
  return `Through which machines did the login to ${who}${peer}, open at ${momentWords(at)}, really come?`;
}

function answerOf({ target, paths, refusal }: TraceResult): string {
  if (refusal !== null) return refusal;
  const hops = paths[0]?.hops ?? [];
  const logins = hops.filter(({ kind }) => kind === 'login').length;
  const first = hops[0];
  if (logins <= 1 || !first) {
    return `No earlier login was found that carried it: what was observed begins with the connection from ${endpointText(target, 'source')}.`;
  }
  const earlier = logins - 1;
  const inferred = hops.length - logins;
  const gap =
    inferred === 0
      ? ''
      : ` ${inferred} ${inferred === 1 ? 'hop is' : 'hops are'} inferred: no exporter saw them.`;
  const site = first.fromSite === undefined ? '' : ` at site ${first.fromSite}`;
  return `It came through ${earlier} earlier ${earlier === 1 ? 'login' : 'logins'}. The earliest observed hop begins at ${first.from}${site}, which need not be where the attacker sits.${gap}`;
}

function pathBlocks(
  { paths, refusal, target }: TraceResult,
  places: ReadonlyMap<string, Place>,
): ReportBlock[] {
  const best = paths[0];
  if (!best) {
    return [
      { kind: 'notice', text: refusal ?? 'No path was found.' },
      {
        kind: 'text',
        text: `The login in question: ${endpointText(target, 'source')} to ${endpointText(target, 'destination')}.`,
      },
    ];
  }
  const others = paths.length - 1;
  return [
    { kind: 'path', hops: best.hops.map((hop) => hopOf(hop, places)) },
    ...mapBlocks(best.hops, places),
    ...(others > 0
      ? [
          {
            kind: 'text',
            text: `${others} other ${others === 1 ? 'path was' : 'paths were'} found; the best of them scores ${(paths[1]?.scoreNats ?? 0).toFixed(1)} nats, this one ${best.scoreNats.toFixed(1)}.`,
          } as const,
        ]
      : []),
  ];
}

function hopOf(hop: Hop, places: ReadonlyMap<string, Place>) {
  const { kind, from, to, fromSite, toSite, connections, evidence } = hop;
  const [view] = connections;
  const exporters = [...new Set(connections.flatMap((connection) => connection.exporters))];
  const twins = connections.length > 1 ? `, seen as ${connections.length} connections across a NAT` : '';
  return {
    inferred: kind === 'inferred',
    from,
    to,
    fromPlace: placeWords(places.get(named(from, fromSite))),
    toPlace: placeWords(places.get(named(to, toSite))),
    label: view
      ? `${protocolWord(view.protocol)} ${view.sourcePort} to ${view.destinationPort}, by ${exporters.join(', ')}${twins}`
      : '',
    scoreNats: evidence?.scoreNats ?? null,
  };
}

/**
 * Hosts in the order of the path, each once. A private address stands where its login came out of the NAT, or went into
 * it: at the place of the public address of a view of the same login.
 */
function mapBlocks(hops: readonly Hop[], places: ReadonlyMap<string, Place>): ReportBlock[] {
  const points: ReportPoint[] = [];
  const indices = new Map<string, number>();
  const pointOf = (end: HopEnd): number | undefined => {
    const known = indices.get(end.key);
    if (known !== undefined) return known;
    const seen = [end.key, ...end.views].find((key) => places.get(key)?.latitude !== undefined);
    const place = seen === undefined ? undefined : places.get(seen);
    if (place?.latitude === undefined || place.longitude === undefined) return undefined;
    const { latitude, longitude, accuracyRadiusKm: accuracyKm = null, kind, address } = place;
    const exact = kind !== 'country';
    const words = placeWords(place);
    const as = address === end.address ? '' : `, seen as ${address}`;
    const name = `${end.address}${as} · ${exact ? words : `somewhere in ${words}`}`;
    indices.set(end.key, points.push({ name, latitude, longitude, exact, accuracyKm }) - 1);
    return points.length - 1;
  };
  const ends = endsOf(hops);
  const chain = ends.map(pointOf);
  if (points.length === 0) {
    return [{ kind: 'text', text: 'The place of no host on the path is known: there is no map.' }];
  }
  const placed = chain.filter((index) => index !== undefined);
  const legs = placed
    .slice(1)
    .map((to, i) => [placed[i] ?? 0, to] as const)
    .filter(([from, to]) => from !== to);
  const unknown = chain.length - placed.length;
  const credits = [...places.values()].flatMap((place) => place.sources.map(({ credit }) => credit));
  const credit = [...new Set(credits)]
    .filter((text) => text !== '')
    .map((text) => text.replace(/\.$/, ''))
    .join('; ');
  const caption = `Places are those of databases, not of machines.${unknown > 0 ? ` ${unknown} of the path's ${chain.length} hosts have no known place and are left out; lines join those that do.` : ''}${credit === '' ? '' : ` ${credit}.`} Coastlines: Natural Earth.`;
  return [{ kind: 'map', points, legs, caption }];
}

function limitBlocks(result: TraceResult, places: readonly Place[]): ReportBlock[] {
  const { notes, clocks } = result;
  const country = places.filter(({ kind }) => kind === 'country').length;
  const items = [
    ...notes,
    'The earliest hop is the earliest one that was observed. Whether a person or a program sits there cannot be told from flows.',
    ...(country > 0 ? [`Of ${country} hosts on the path nothing but the country is known.`] : []),
    ...(result.volume?.notes ?? []),
  ];
  return [
    { kind: 'list', items },
    ...(clocks.length > 0 ? [{ kind: 'table', table: clockTable(clocks) } as const] : []),
  ];
}

/** As a shell takes it. */
function commandOf({ victim, at, from, site, within, storeArgument }: TraceReportRequest): string {
  const words = [
    'backtrail',
    'trace',
    '--store',
    storeArgument,
    '--victim',
    partyText(victim),
    '--at',
    formatTime(at),
    ...(from ? ['--from', partyText(from)] : []),
    ...(site === undefined ? [] : ['--site', site]),
    ...(within === DEFAULT_WITHIN ? [] : ['--within', String(within / 60_000)]),
    '--explain',
  ];
  return words.map(quoted).join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
