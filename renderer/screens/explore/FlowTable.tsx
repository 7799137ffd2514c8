/** The flows that the filter and the range select, sorted, one row each, however many. */
import { Button } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { FlowSort } from '../../../core/model/query.ts';
import { core } from '../../link/core.ts';
import { useStoredRange } from '../../link/workspace.ts';
import { AnswerBadges } from '../../parts/AnswerBadges.tsx';
import { KeepInCase } from '../../parts/case/KeepInCase.tsx';
import { ColumnMenu } from '../../parts/ColumnMenu.tsx';
import { DataTable, type SortOrder } from '../../parts/DataTable.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { NoFlows } from '../../parts/NoFlows.tsx';
import { StoreChanged } from '../../parts/StoreChanged.tsx';
import { formatCount, formatDay } from '../../parts/format.ts';
import { useSelection } from '../../state/selection.ts';
import { traceFlow } from '../../state/trace-question.ts';
import { changeView, useView } from '../../state/view.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { ExportMenu } from './ExportMenu.tsx';
import { flowColumns } from './flow-columns.tsx';
import { useFlowList } from './use-flow-list.ts';
import css from './explore.module.css';

const NAME = 'flows';

export function FlowTable() {
  const selection = useSelection();
  const stored = useStoredRange();
  const range = useView((view) => view.range) ?? stored;
  const flow = useView((view) => view.flow);
  const [sort, setSort] = useState<SortOrder>({ column: 'start', descending: false });
  const [first, setFirst] = useState(0);
  const question = { ...selection, sort: sort.column as FlowSort, descending: sort.descending };
  const list = useFlowList(question, stored !== null);
  const withDay = range !== null && formatDay(range.from) !== formatDay(range.to - 1);
  const columns = useMemo(() => flowColumns(withDay), [withDay]);
  const { show, reopen, follow } = list;
  const onView = useMemo(
    () => (from: number, end: number) => {
      setFirst(from);
      show(from, end);
    },
    [show],
  );

  // At its top the table follows what is added; further down it stays as it is until it is asked to.
  const follows = list.isOld && first === 0 && flow === null;
  useEffect(() => {
    if (follows) follow();
  }, [follows, follow]);

  const total = list.opened?.total ?? 0;
  return (
    <Panel
      title="Flows"
      flush
      tools={
        <>
          {list.isOld && !follows && <StoreChanged word="read again" onAgain={reopen} />}
          {list.opened && <AnswerBadges notes={list.opened} />}
          {list.opened && (
            <span data-testid="flow-count">
              {formatCount(total)} {total === 1 ? 'row' : 'rows'}
            </span>
          )}
          <ColumnMenu name={NAME} columns={columns} />
          <KeepInCase
            what="these flows"
            disabled={total === 0}
            keep={(note, signal) =>
              core.call('case.keepFlows', { ...wholeMs(stored), ...selection, note }, { signal })
            }
          />
          <ExportMenu selection={selection} disabled={total === 0} />
          <span className={css['keys']}>
            <KeyHint keys={['↑', '↓']} /> move <KeyHint keys={['Enter']} /> open <KeyHint keys={['Esc']} />{' '}
            close <KeyHint keys={['t']} /> trace
          </span>
        </>
      }
    >
      {stored === null ? (
        <NoFlows>Every flow is listed here, one row each, however many there are.</NoFlows>
      ) : list.error ? (
        <ErrorNote error={list.error} onRetry={reopen} />
      ) : !list.opened ? (
        <LoadingNote lines={10} />
      ) : total === 0 ? (
        <NoMatch />
      ) : (
        <div className={css['table']} data-stale={list.isStale}>
          <DataTable
            name={NAME}
            resetKey={JSON.stringify(question)}
            label="Flows"
            columns={columns}
            rows={total}
            rowAt={list.rowAt}
            placeholder={(index) =>
              list.isBeyond(index)
                ? 'In the middle of an order too long to list: choose a shorter time, or filter.'
                : undefined
            }
            onView={onView}
            onOpen={(row) => changeView({ flow: row.id })}
            isOpen={(row) => row.id === flow}
            sort={sort}
            onSort={setSort}
            onKey={(key, row) => {
              if (key === 'Escape') changeView({ flow: null });
              if (key === 't') traceFlow(row);
            }}
          />
        </div>
      )}
      {list.sorting !== undefined && (
        <div className={css['sorting']} role="status">
          Putting {total > 0 ? `${formatCount(total)} flows` : 'the flows'} in order:{' '}
          {Math.floor(100 * list.sorting)} %
        </div>
      )}
    </Panel>
  );
}

/** The filter or the range leaves nothing: both can be taken back here. */
function NoMatch() {
  const { filter, range } = useView();
  return (
    <EmptyNote title="No flow matches.">
      <p>Widen the time range or take a term out of the filter.</p>
      <div className={css['noMatch']}>
        {filter !== '' && (
          <Button variant="default" onClick={() => changeView({ filter: '' })}>
            Clear the filter
          </Button>
        )}
        {range !== null && (
          <Button variant="default" onClick={() => changeView({ range: null, window: null })}>
            Show all that is stored
          </Button>
        )}
      </div>
    </EmptyNote>
  );
}

/** What is kept says its time also where all is shown that is stored now: more may be stored before it is looked at again. */
const wholeMs = (range: TimeRange | null): Partial<TimeRange> =>
  range === null ? {} : { from: Math.floor(range.from), to: Math.floor(range.to) + 1 };
