/** Exhibits in words, and the way back to the screen that each came from. */
import {
  IconChartHistogram,
  IconDatabase,
  IconDeviceDesktop,
  IconNote,
  IconPhoto,
  IconRoute,
  type TablerIcon,
} from '@tabler/icons-react';
import type {
  CaseItem,
  CaseItemKind,
  KeptFlows,
  KeptHost,
  SourceCustody,
  TraceBrief,
} from '../../../core/model/case.ts';
import type { Fact } from '../../parts/Facts.tsx';
import { formatBytes, formatCount, formatRange, formatStamp, localTime } from '../../parts/format.ts';
import { formOf, writeForm, writeParty } from '../../state/trace-question.ts';
import { changeView } from '../../state/view.ts';

export const kindWords: Readonly<Record<CaseItemKind, string>> = {
  trace: 'Trace',
  flows: 'Flows',
  host: 'Host',
  note: 'Note',
  screenshot: 'Picture',
  source: 'Source',
};

export const kindIcons: Readonly<Record<CaseItemKind, TablerIcon>> = {
  trace: IconRoute,
  flows: IconChartHistogram,
  host: IconDeviceDesktop,
  note: IconNote,
  screenshot: IconPhoto,
  source: IconDatabase,
};

/** What the button says that leads to where it came from; undefined where it is all in the exhibit itself. */
export const reopenWords: Readonly<Partial<Record<CaseItemKind, string>>> = {
  trace: 'Open on Trace',
  flows: 'Open on Explore',
  host: 'Its flows on Explore',
  source: 'Open Sources',
};

/** Opens the screen on what was kept. */
export function reopen({ kind, content }: CaseItem): void {
  if (kind === 'trace') {
    const { victim, from, at, site, within } = (content as TraceBrief).question;
    const form = {
      ...formOf({ victim, ...(from ? { from } : {}), atMs: at, site }),
      within: `${within / 60_000}`,
    };
    changeView({ screen: 'trace', extra: { ...defined(writeForm(form)), go: '1' } });
  } else if (kind === 'flows') {
    const { filter, fromMs, toMs } = content as KeptFlows;
    const range = fromMs === null || toMs === null ? null : { from: fromMs, to: toMs };
    changeView({ screen: 'explore', filter, range, window: null });
  } else if (kind === 'host') {
    changeView({
      screen: 'explore',
      filter: `ip ${(content as KeptHost).address}`,
      range: null,
      window: null,
    });
  } else if (kind === 'source') {
    changeView({ screen: 'sources' });
  }
}

const defined = (entries: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(entries).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );

/** What there is to know of it beside its title and its note. */
export function factsOf({ id, kind, content, addedMs, sha256 }: CaseItem): Fact[] {
  return [
    ['exhibit', `${id}, ${kindWords[kind].toLowerCase()}`],
    ['kept, UTC', formatStamp(addedMs), localTime(addedMs)],
    ...contentFacts(kind, content),
    ['SHA-256', sha256, 'Of its content, as the log holds it.'],
  ];
}

function contentFacts(kind: CaseItemKind, content: unknown): Fact[] {
  switch (kind) {
    case 'trace': {
      const { question, path, refusal } = content as TraceBrief;
      return [
        [
          'victim',
          `${writeParty(question.victim)}${question.site === undefined ? '' : ` at ${question.site}`}`,
        ],
        ...(question.from ? [['peer', writeParty(question.from)] satisfies Fact] : []),
        ['at, UTC', formatStamp(question.at), localTime(question.at)],
        ['path', refusal ?? (path.length === 0 ? 'none was found' : path.map(machineText).join(' → '))],
      ];
    }
    case 'flows': {
      const { filter, fromMs, toMs, kind: records } = content as KeptFlows;
      return [
        ['filter', filter.trim() === '' ? 'every flow' : filter],
        ['time, UTC', rangeText(fromMs, toMs)],
        ...(records === 'flow' ? [] : [['records', records] satisfies Fact]),
      ];
    }
    case 'host': {
      const { address, site } = content as KeptHost;
      return [['address', address], ...(site === null ? [] : [['site', site] satisfies Fact])];
    }
    case 'screenshot': {
      const { width, height, bytes } = content as { width: number; height: number; bytes: number };
      return [['picture', `${width} × ${height}, ${formatBytes(bytes)}`]];
    }
    case 'source':
      return sourceFacts(content as SourceCustody);
    case 'note':
      return [];
  }
}

const sourceFacts = (source: SourceCustody): Fact[] => [
  ['file', source.name],
  ['its SHA-256', source.sha256],
  ['size', `${formatCount(source.bytes)} bytes`],
  ['read as', source.kind ?? 'nothing'],
  ['decoder', source.decoder],
  ['taken in, UTC', formatStamp(source.importedMs), localTime(source.importedMs)],
  ['flows', formatCount(source.flows)],
  ...(source.complete ? [] : [['state', 'not complete when it was kept'] satisfies Fact]),
];

const machineText = ({ address, site }: TraceBrief['path'][number]): string =>
  site === null || site === address ? address : `${address} at ${site}`;

function rangeText(from: number | null, to: number | null): string {
  if (from !== null && to !== null) return formatRange(from, to);
  if (from !== null) return `from ${formatStamp(from)}`;
  return to === null ? 'all that is stored' : `until ${formatStamp(to)}`;
}
