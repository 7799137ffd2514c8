/** What was kept in cases in a month: traces with their verdicts, and hosts. */
import type { KeptHost } from '../../model/case.ts';
import type { Place } from '../../model/place.ts';
import type { ReportBlock, ReportTable, ReportValue } from '../../model/report.ts';
import type { TraceResult } from '../../model/trace-result.ts';
import { CaseBook } from '../../store/cases.ts';
import { partyText } from '../../trace/question.ts';
import type { KeptTrace } from '../case/desk.ts';
import type { MonthRange } from './month-data.ts';
import { placeWords } from './words.ts';

export interface MonthTrace {
  readonly caseName: string;
  /** The moment that was asked about, epoch ms. */
  readonly at: number;
  readonly victim: string;
  /** Where the best path begins; empty where no earlier login was found. */
  readonly origin: string;
  readonly verdict: string;
}

export interface MonthHost {
  readonly caseName: string;
  /** With its site, where it has one: `10.0.0.5@Seoul`. */
  readonly address: string;
  readonly keptMs: number;
  readonly note: string;
}

export interface MonthCases {
  readonly traces: readonly MonthTrace[];
  readonly hosts: readonly MonthHost[];
}

/** Traces of a login in this time, and those kept in it; hosts kept in it. What was withdrawn is left out. */
export function casesOfMonth(folder: string, { from, to }: MonthRange): MonthCases {
  using book = CaseBook.open(folder, false);
  const within = (ms: number): boolean => ms >= from && ms < to;
  const traces: MonthTrace[] = [];
  const hosts: MonthHost[] = [];
  for (const { id, name: caseName } of book?.list() ?? []) {
    for (const { kind, content, addedMs, note, withdrawn } of book?.items(id) ?? []) {
      if (withdrawn !== null) continue;
      if (kind === 'trace') {
        const { question, result } = content as KeptTrace;
        const { at } = question;
        const victim = partyText(question.victim);
        if (within(at) || within(addedMs)) traces.push({ caseName, at, victim, ...verdictOf(result) });
      } else if (kind === 'host' && within(addedMs)) {
        const { address, site } = content as KeptHost;
        hosts.push({ caseName, address: named(address, site ?? undefined), keptMs: addedMs, note });
      }
    }
  }
  return { traces: traces.toSorted((a, b) => a.at - b.at), hosts };
}

const named = (address: string, site: string | undefined): string =>
  site === undefined ? address : `${address}@${site}`;

/** Where the best path begins, and what is said of it. */
export function verdictOf({ paths, refusal }: TraceResult): Pick<MonthTrace, 'origin' | 'verdict'> {
  if (refusal !== null) return { origin: '', verdict: refusal };
  const hops = paths[0]?.hops ?? [];
  const [first] = hops;
  const earlier = hops.filter(({ kind }) => kind === 'login').length - 1;
  if (!first || earlier < 1) return { origin: '', verdict: 'No earlier login was found that carried it.' };
  const inferred = hops.length - earlier - 1;
  const scores = hops.flatMap(({ evidence }) => (evidence ? [evidence.scoreNats] : []));
  const weakest = scores.length > 0 ? `; its weakest step has ${Math.min(...scores).toFixed(1)} nats` : '';
  const gaps =
    inferred > 0 ? `, and ${inferred} ${inferred === 1 ? 'hop' : 'hops'} that no exporter saw` : '';
  return {
    origin: named(first.from, first.fromSite),
    verdict: `Came through ${earlier} earlier ${earlier === 1 ? 'login' : 'logins'}${gaps}${weakest}.`,
  };
}

export function traceBlocks({ traces }: MonthCases): ReportBlock[] {
  const table: ReportTable = {
    name: 'kept-traces',
    title: 'By the moment that was asked about',
    columns: [
      { key: 'moment', title: 'Moment', kind: 'time', weight: 1.6 },
      { key: 'case', title: 'Case', kind: 'text', weight: 1.5 },
      { key: 'victim', title: 'Login to', kind: 'address', weight: 1.6 },
      { key: 'origin', title: 'Earliest observed', kind: 'address', weight: 1.6 },
      { key: 'verdict', title: 'Verdict', kind: 'text', weight: 3 },
    ],
    rows: traces.map(({ at, caseName, victim, origin, verdict }): ReportValue[] => [
      at,
      caseName,
      victim,
      origin,
      verdict,
    ]),
    shown: 15,
    empty: 'No trace of this month is kept in a case.',
  };
  return [{ kind: 'table', table }];
}

/** No table where no host was kept. */
export function keptHostBlocks({ hosts }: MonthCases, places: ReadonlyMap<string, Place>): ReportBlock[] {
  if (hosts.length === 0) return [];
  const table: ReportTable = {
    name: 'kept-hosts',
    title: 'Hosts kept in cases this month',
    columns: [
      { key: 'address', title: 'Host', kind: 'address', weight: 2.1 },
      { key: 'place', title: 'Place', kind: 'text', weight: 1.8 },
      { key: 'case', title: 'Case', kind: 'text', weight: 1.5 },
      { key: 'kept', title: 'Kept', kind: 'time', weight: 1.6 },
      { key: 'note', title: 'Note', kind: 'text', weight: 3 },
    ],
    rows: hosts.map(({ address, caseName, keptMs, note }): ReportValue[] => [
      address,
      placeWords(places.get(address)),
      caseName,
      keptMs,
      note,
    ]),
    shown: 15,
    empty: '',
  };
  return [{ kind: 'table', table }];
}
