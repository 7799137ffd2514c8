/** The monthly report: asks the store and says in a document's words what it answered. */
import { basename, resolve } from 'node:path';
import { ApiError } from '../../model/api-error.ts';
import type { MonthSectionId, Report } from '../../model/report.ts';
import { monthSections } from '../../model/report.ts';
import { formatTime, epochMs } from '../../model/time.ts';
import { Store } from '../../store/store.ts';
import { openQueries } from '../query/queries.ts';
import { readMonth, type MonthRange, type Watching } from './month-data.ts';
import type { MonthFacts } from './month-facts.ts';
import { sectionsOfMonth } from './month-sections.ts';
import { packageVersion } from '../resources.ts';

export interface MonthRequest {
  /** `2026-11` */
  readonly month: string;
  readonly site?: string | undefined;
  /** Absent: all. */
  readonly sections?: readonly MonthSectionId[] | undefined;
  /** When it is made, epoch ms. */
  readonly nowMs: number;
}

/**
 * The report on a month of the store in `folder`. Rejects with ApiError: `usage` (no such month), `unknown-site`, and
 * those of opening a store. A month without flows gives a report that says so.
 */
export async function reportMonth(
  folder: string,
  { month, site, sections, nowMs }: MonthRequest,
  watching: Watching = {},
): Promise<Report> {
  const range = monthRange(month);
  const before = rangeBefore(month);
  const name = site === undefined ? undefined : siteNamed(folder, site);
  const queries = openQueries(folder, { keep: false });
  try {
    const data = await readMonth(queries, { folder, month: range, before, site: name }, watching);
    const store = storeName(folder);
    const facts: MonthFacts = { ...data, range, before, nowMs, store, site: name };
    const { answer, blocks } = sectionsOfMonth(facts);
    const wanted = new Set<string>(sections ?? monthSections.map(({ id }) => id));
    const chosen = monthSections.filter(({ id }) => wanted.has(id));
    const left = monthSections.filter(({ id }) => !wanted.has(id)).map(({ title }) => title);
    return {
      what: 'month',
      title: monthTitle(range, name),
      question: `What did the exporters ${name === undefined ? '' : `of ${name} `}see in ${monthName(range)}?`,
      answer,
      generatedMs: nowMs,
      fromMs: range.from,
      toMs: range.to,
      store,
      program: `backtrail ${packageVersion()}`,
      sections: [
        { id: 'summary', title: 'The month in figures', blocks: blocks.summary },
        ...chosen.map(({ id, title }) => ({ id, title, blocks: blocks[id] })),
        ...(left.length === 0
          ? []
          : [{ id: 'left-out', title: 'Left out', blocks: [{ kind: 'list', items: left } as const] }]),
      ],
    };
  } finally {
    await queries.close();
  }
}

/** From its first moment to the first of the next month, UTC. Throws ApiError `usage`. */
function monthRange(month: string): MonthRange {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month) ?? [];
  if (year === undefined || Number(year) < 1970) {
    throw new ApiError('usage', `"${month}" is no month: write it as 2026-11.`);
  }
  return { from: Date.UTC(Number(year), Number(number) - 1), to: Date.UTC(Number(year), Number(number)) };
}

function rangeBefore(month: string): MonthRange {
  const { from } = monthRange(month);
  const date = new Date(from);
  return { from: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1), to: from };
}

/** `2026-11` of a moment in it. */
const monthOf = (ms: number): string => formatTime(epochMs(ms)).slice(0, 7);

/** The month before the one that a moment lies in. */
export const lastMonth = (ms: number): string => monthOf(rangeBefore(monthOf(ms)).from);

/** The months behind the first up to the last one, in their order. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = nextMonth(first); month <= last; month = nextMonth(month)) months.push(month);
  return months;
}

const nextMonth = (month: string): string => monthOf(monthRange(month).to);

/** The months that have flows, the latest first; at most `most` of them. */
export function monthsOf(folder: string, most: number): string[] {
  using store = Store.open(folder, { create: false });
  const days = store.segments({}, () => undefined).map(({ day }) => day.slice(0, 7));
  const months = [...new Set(days)].filter((month) => /^\d{4}-\d{2}$/.test(month));
  return months.toSorted().toReversed().slice(0, most);
}

/** What a store is called in a document: its folder, without the machine's paths. */
export const storeName = (folder: string): string => basename(resolve(folder));

const monthName = ({ from }: MonthRange): string =>
  new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(from);

const monthTitle = (range: MonthRange, site: string | undefined): string =>
  site === undefined ? monthName(range) : `${monthName(range)}, ${site}`;

function siteNamed(folder: string, site: string): string {
  using store = Store.open(folder, { create: false });
  const known = store.sites().find(({ name }) => name.toLowerCase() === site.toLowerCase());
  if (known) return known.name;
  const names = store.sites().map(({ name }) => name);
  const choice = names.length === 0 ? 'it has none' : `its sites are ${names.slice(0, 20).join(', ')}`;
  throw new ApiError('unknown-site', `The store has no site "${site}": ${choice}.`);
}
