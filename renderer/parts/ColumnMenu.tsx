/** Which columns a table shows, and their order. */
import { ActionIcon, Checkbox, Menu, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3 } from '@tabler/icons-react';
import type { Column } from './DataTable.tsx';
import { useColumns } from './use-columns.ts';
import css from './column-menu.module.css';
import tool from './tool.module.css';

export interface ColumnMenuProps<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
}

export function ColumnMenu<Row>(props: ColumnMenuProps<Row>) {
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <UnstyledButton className={tool['tool']}>
          <IconColumns3 size={14} aria-hidden /> Columns
        </UnstyledButton>
      </Menu.Target>
      <Choices {...props} />
    </Menu>
  );
}

function Choices<Row>({ name, columns: defined }: ColumnMenuProps<Row>) {
  const columns = useColumns(name, defined);
  return (
    <Menu.Dropdown className={css['dropdown']}>
      {columns.all.map((column, index) => {
        const above = columns.all[index - 1];
        const below = columns.all[index + 1];
        const title = column.about ?? column.title;
        return (
          <div key={column.id} className={css['entry']}>
            <Checkbox
              label={title}
              checked={columns.visible.includes(column)}
              onChange={() => columns.toggle(column.id)}
            />
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={`Move ${title} forward`}
              disabled={!above}
              onClick={() => above && columns.move(column.id, above.id)}
            >
              <IconArrowUp size={12} />
            </ActionIcon>
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={`Move ${title} back`}
              disabled={!below}
              onClick={() => below && columns.move(below.id, column.id)}
            >
              <IconArrowDown size={12} />
            </ActionIcon>
          </div>
        );
      })}
    </Menu.Dropdown>
  );
}
