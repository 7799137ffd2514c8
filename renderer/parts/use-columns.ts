/** The columns of a table as a person has chosen them. */
import { setColumns, useSettings, type ColumnChoice } from '../state/settings.ts';
import type { Column } from './DataTable.tsx';

const MIN_WIDTH = 40;

export interface Columns<Row> {
  /** In the order chosen, hidden ones too. */
  readonly all: readonly Column<Row>[];
  readonly visible: readonly Column<Row>[];
  readonly widthOf: (column: Column<Row>) => number;
  readonly resize: (id: string, width: number) => void;
  readonly toggle: (id: string) => void;
  /** Puts column `id` where column `before` stands. */
  readonly move: (id: string, before: string) => void;
}

/** Reads and changes the remembered choice for the table `name`. Columns new since then stand where they are defined. */
export function useColumns<Row>(name: string, defined: readonly Column<Row>[]): Columns<Row> {
  const kept = useSettings((settings) => settings.columns[name]);
  const hidden =
    kept?.hidden ?? defined.filter((column) => column.hidden === true).map((column) => column.id);
  const rank = (column: Column<Row>) => {
    const place = kept?.order.indexOf(column.id) ?? -1;
    return place === -1 ? defined.indexOf(column) : place;
  };
  const all = [...defined].sort((a, b) => rank(a) - rank(b));
  const choice: ColumnChoice = { order: all.map((column) => column.id), hidden, widths: kept?.widths ?? {} };
  const save = (change: Partial<ColumnChoice>) => setColumns(name, { ...choice, ...change });
  return {
    all,
    visible: all.filter((column) => !hidden.includes(column.id)),
    widthOf: (column) => choice.widths[column.id] ?? column.width,
    resize: (id, width) =>
      save({ widths: { ...choice.widths, [id]: Math.max(MIN_WIDTH, Math.round(width)) } }),
    toggle: (id) =>
      save({ hidden: hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id] }),
    move(id, before) {
      const order = choice.order.filter((other) => other !== id);
      // Taken out in front of the place, the place itself has moved by one: that puts it behind, where it was dropped.
      order.splice(choice.order.indexOf(before), 0, id);
      save({ order });
    },
  };
}
