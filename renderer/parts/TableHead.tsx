/** The head of a table: click sorts, dragging moves a column, its edge resizes it; Alt with an arrow key moves it too. */
import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Column, SortOrder } from './DataTable.tsx';
import type { Columns } from './use-columns.ts';
import css from './data-table.module.css';

export interface TableHeadProps<Row> {
  readonly columns: Columns<Row>;
  readonly template: string;
  readonly sort: SortOrder | undefined;
  readonly onSort: ((sort: SortOrder) => void) | undefined;
}

export function TableHead<Row>({ columns, template, sort, onSort }: TableHeadProps<Row>) {
  const [dragged, setDragged] = useState<string>();

  const press = (column: Column<Row>) => {
    if (column.sortable !== true || !onSort) return;
    const same = sort?.column === column.id;
    onSort({ column: column.id, descending: same ? !sort.descending : column.align === 'right' });
  };

  const onKeyDown = (event: KeyboardEvent, column: Column<Row>) => {
    // These press the button; the rows have all other keys.
    if (event.key === 'Enter' || event.key === ' ') event.stopPropagation();
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const neighbour = columns.visible[columns.visible.indexOf(column) + step];
    if (neighbour) columns.move(column.id, neighbour.id);
  };

  const startResize = (event: PointerEvent<HTMLSpanElement>, column: Column<Row>) => {
    event.preventDefault();
    event.stopPropagation();
    const grip = event.currentTarget;
    const from = event.clientX - columns.widthOf(column);
    grip.setPointerCapture(event.pointerId);
    const move = (next: globalThis.PointerEvent) => columns.resize(column.id, next.clientX - from);
    grip.addEventListener('pointermove', move);
    grip.addEventListener('pointerup', () => grip.removeEventListener('pointermove', move), { once: true });
  };

  return (
    <div role="row" aria-rowindex={1} className={css['head']} style={{ gridTemplateColumns: template }}>
      {columns.visible.map((column) => (
        <div
          key={column.id}
          role="columnheader"
          aria-sort={sort?.column === column.id ? (sort.descending ? 'descending' : 'ascending') : undefined}
          className={css['cell']}
          data-align={column.align}
          draggable
          onDragStart={() => setDragged(column.id)}
          onDragOver={(event) => dragged !== undefined && event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            if (dragged !== undefined && dragged !== column.id) columns.move(dragged, column.id);
            setDragged(undefined);
          }}
        >
          <button
            type="button"
            className={css['headButton']}
            data-sortable={column.sortable === true}
            title={`${column.about ?? column.title}${column.sortable === true ? ' · click to sort' : ''} · Alt+←/→ to move`}
            onClick={() => press(column)}
            onKeyDown={(event) => onKeyDown(event, column)}
          >
            {column.title}
            {sort?.column === column.id && <span aria-hidden> {sort.descending ? '↓' : '↑'}</span>}
          </button>
          <span
            className={css['grip']}
            onPointerDown={(event) => startResize(event, column)}
            onDragStart={(event) => event.preventDefault()}
            aria-hidden
          />
        </div>
      ))}
    </div>
  );
}
