/** What was kept in a case, and the one that is chosen. */
import { useMemo } from 'react';
import type { CaseInfo, CaseItem } from '../../../core/model/case.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { formatStamp, localTime } from '../../parts/format.ts';
import { changeExtra, useView } from '../../state/view.ts';
import { Exhibit } from './Exhibit.tsx';
import { kindIcons, kindWords, reopen } from './exhibits.ts';
import css from './cases.module.css';

const columns: readonly Column<CaseItem>[] = [
  { id: 'id', title: 'No.', width: 44, align: 'right', mono: true, cell: (item) => String(item.id) },
  {
    id: 'kind',
    title: 'Kind',
    width: 88,
    cell: (item) => {
      const Icon = kindIcons[item.kind];
      return (
        <span className={css['kind']}>
          <Icon size={14} stroke={1.7} aria-hidden /> {kindWords[item.kind]}
        </span>
      );
    },
    text: (item) => kindWords[item.kind],
  },
  {
    id: 'title',
    title: 'Exhibit',
    width: 290,
    cell: (item) => (
      <span data-withdrawn={item.withdrawn !== null} className={css['exhibitTitle']} title={item.title}>
        {item.title}
      </span>
    ),
    text: (item) => item.title,
  },
  {
    id: 'added',
    title: 'Kept (UTC)',
    width: 152,
    mono: true,
    cell: (item) => <span title={localTime(item.addedMs)}>{formatStamp(item.addedMs).slice(0, 19)}</span>,
    text: (item) => formatStamp(item.addedMs),
  },
  {
    id: 'note',
    title: 'Note',
    width: 180,
    cell: (item) =>
      item.withdrawn === null ? (
        <span title={item.note}>{item.kind === 'note' ? '' : item.note}</span>
      ) : (
        <span className="dim" title={item.withdrawn}>
          withdrawn: {item.withdrawn}
        </span>
      ),
    text: (item) => item.withdrawn ?? item.note,
  },
  {
    id: 'sha256',
    title: 'SHA-256',
    width: 190,
    mono: true,
    hidden: true,
    cell: (item) => <span title={item.sha256}>{item.sha256}</span>,
    text: (item) => item.sha256,
  },
];

export interface ExhibitsProps {
  readonly info: CaseInfo;
  readonly items: readonly CaseItem[] | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
}

export function Exhibits({ info, items, error, onRetry }: ExhibitsProps) {
  const wanted = useView((view) => Number(view.extra['exhibit']));
  const newest = useMemo(() => items?.toReversed() ?? [], [items]);
  const chosen = newest.find(({ id }) => id === wanted) ?? newest[0];
  if (error && !items) return <ErrorNote error={error} onRetry={onRetry} />;
  if (!items) return <LoadingNote lines={8} />;
  if (!chosen) {
    return (
      <EmptyNote title="Nothing is kept in this case yet.">
        “Keep in case” on Trace keeps a trace with its answer; on Explore the flows of a filter and a time; on
        Sources a file with its hash. Notes and pictures are added above.
      </EmptyNote>
    );
  }
  return (
    <Panes
      name="cases-exhibits"
      orientation="horizontal"
      panes={[
        {
          key: 'table',
          size: 64,
          min: 30,
          content: (
            <Panel
              title="Exhibits"
              flush
              tools={
                <span className={css['keys']}>
                  <KeyHint keys={['↑', '↓']} /> move <KeyHint keys={['Enter']} /> show{' '}
                  <KeyHint keys={['o']} /> open where it came from
                </span>
              }
            >
              <DataTable
                name="exhibits"
                label="Exhibits"
                columns={columns}
                rows={newest.length}
                rowAt={(index) => newest[index]}
                onOpen={(item) => changeExtra({ exhibit: String(item.id) }, 'replace')}
                isOpen={(item) => item.id === chosen.id}
                onKey={(key, item) => key === 'o' && reopen(item)}
                resetKey={info.id}
              />
            </Panel>
          ),
        },
        {
          key: 'exhibit',
          size: 36,
          min: 24,
          content: <Exhibit key={chosen.id} info={info} item={chosen} />,
        },
      ]}
    />
  );
}
