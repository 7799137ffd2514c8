/**
 * A table of any length: only the rows in view exist. Columns are chosen, put in order, resized and sorted; arrow keys move
 * the current row, Enter opens it, Ctrl/Cmd-C copies it.
 */
import {
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useColumns } from './use-columns.ts';
import { TableHead } from './TableHead.tsx';
import { clampOffset, revealRow, rowsInView, scrolledHeight, scrollScale } from './row-window.ts';
import css from './data-table.module.css';

/** Height of the row of titles with its line, px; the stylesheet says the same. */
const HEAD_HEIGHT = 27;

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** What the column holds, for hover and for the column menu. */
  readonly about?: string;
  /** px */
  readonly width: number;
  readonly align?: 'left' | 'right';
  readonly mono?: boolean;
  readonly hidden?: boolean;
  /** True where the table can be put in the order of this column. */
  readonly sortable?: boolean;
  readonly cell: (row: Row) => ReactNode;
  /** The cell as text, for copying; absent where `cell` gives text. */
  readonly text?: (row: Row) => string;
}

export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

export interface DataTableProps<Row> {
  /** Under which the choice of columns is remembered. */
  readonly name: string;
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: number;
  /** A row by its number; undefined where it is still on its way. */
  readonly rowAt: (index: number) => Row | undefined;
  /** What stands in place of a row that there is, and that cannot be shown; undefined: it is on its way. */
  readonly placeholder?: (index: number) => string | undefined;
  /** Told whenever other rows come into view. */
  readonly onView?: (first: number, end: number) => void;
  readonly onOpen?: (row: Row, index: number) => void;
  readonly isOpen?: (row: Row) => boolean;
  readonly sort?: SortOrder;
  readonly onSort?: (sort: SortOrder) => void;
  readonly onKey?: (key: string, row: Row) => void;
  readonly rowHeight?: number;
  /** Another value: other rows, shown from the first. */
  readonly resetKey?: string;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, rowAt, onView, onOpen, rowHeight = 24 } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState(0);
  const [offset, setOffset] = useState(0);
  const [current, setCurrent] = useState(0);
  const columns = useColumns(props.name, props.columns);
  const geometry = { rows, rowHeight, viewport };
  const at = clampOffset(geometry, offset);
  const { first, end } = rowsInView(geometry, at);
  const row = Math.min(current, Math.max(0, rows - 1));

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = () => setViewport(Math.max(0, element.clientHeight - HEAD_HEIGHT));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (end > first) onView?.(first, end);
  }, [first, end, onView]);

  const moveTo = (next: number) => {
    const clamped = clampOffset(geometry, next);
    setOffset(clamped);
    if (scroller.current) scroller.current.scrollTop = clamped / scrollScale(geometry);
  };

  const moved = useRef(moveTo);
  moved.current = moveTo;
  const atNow = useRef(at);
  atNow.current = at;
  const scaleNow = useRef(1);
  scaleNow.current = scrollScale(geometry);

  useEffect(() => {
    setCurrent(0);
    moved.current(0);
  }, [props.resetKey]);

  // With a scaled scroll bar one turn of the wheel would leap over thousands of rows: it moves by true px instead.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      if (scaleNow.current === 1 || event.deltaY === 0 || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      moved.current(atNow.current + event.deltaY * (event.deltaMode === 1 ? rowHeight : 1));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [rowHeight]);

  const onScroll = () => {
    const top = scroller.current?.scrollTop ?? 0;
    const told = at / scaleNow.current;
    if (Math.abs(top - told) >= 1) setOffset(clampOffset(geometry, top * scaleNow.current));
  };

  const goTo = (index: number) => {
    const next = Math.min(Math.max(0, index), rows - 1);
    setCurrent(next);
    moveTo(revealRow(geometry, at, next));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      PageDown: row + page,
      PageUp: row - page,
      Home: 0,
      End: rows - 1,
    };
    const to = steps[event.key];
    const found = rowAt(row);
    if (to !== undefined && !event.altKey) {
      event.preventDefault();
      goTo(to);
    } else if (found === undefined) return;
    else if (event.key === 'Enter') onOpen?.(found, row);
    else if (event.key === 'c' && (event.ctrlKey || event.metaKey)) void copyRow(columns.visible, found);
    else if (!event.ctrlKey && !event.metaKey) props.onKey?.(event.key, found);
  };

  const template =
    columns.visible.map((column) => `${columns.widthOf(column)}px`).join(' ') + ' minmax(0, 1fr)';
  const total = columns.visible.reduce((sum, column) => sum + columns.widthOf(column), 0);

  return (
    <div ref={scroller} className={css['scroller']} onScroll={onScroll} data-rows={rows}>
      <div
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={rows + 1}
        aria-colcount={columns.visible.length}
        aria-activedescendant={rows > 0 ? `${id}-${row}` : undefined}
        className={css['grid']}
        style={{ minWidth: total + 28 }}
        onKeyDown={onKeyDown}
      >
        <TableHead columns={columns} template={template} sort={props.sort} onSort={props.onSort} />
        <div className={css['spacer']} style={{ height: scrolledHeight(geometry) }} role="presentation">
          <div className={css['view']} style={{ height: viewport }} role="presentation">
            {Array.from({ length: Math.max(0, end - first) }, (_, i) => {
              const index = first + i;
              const data = rowAt(index);
              const missing = data === undefined ? props.placeholder?.(index) : undefined;
              return (
                <div
                  key={index}
                  id={`${id}-${index}`}
                  role="row"
                  aria-rowindex={index + 2}
                  aria-selected={data !== undefined && props.isOpen?.(data) === true}
                  data-current={index === row}
                  className={css['row']}
                  style={{
                    gridTemplateColumns: template,
                    height: rowHeight,
                    transform: `translateY(${index * rowHeight - at}px)`,
                  }}
                  onMouseDown={() => setCurrent(index)}
                  onClick={() => data !== undefined && onOpen?.(data, index)}
                >
                  {missing !== undefined && (
                    <div role="gridcell" className={css['missing']}>
                      {missing}
                    </div>
                  )}
                  {(missing === undefined ? columns.visible : []).map((column) => (
                    <div
                      key={column.id}
                      role="gridcell"
                      className={css['cell']}
                      data-align={column.align}
                      data-mono={column.mono}
                    >
                      {data === undefined ? <span className={css['pending']} /> : column.cell(data)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

async function copyRow<Row>(columns: readonly Column<Row>[], row: Row): Promise<void> {
  const cells = columns.map((column) => {
    const cell = column.text?.(row) ?? column.cell(row);
    return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
  });
  await navigator.clipboard.writeText(cells.join('\t'));
}
