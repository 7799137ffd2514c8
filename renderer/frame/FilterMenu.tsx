/** Filters that were saved with the store, and those that this browser has used. */
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { filterError } from '../state/filter-error.ts';
import { useSettings } from '../state/settings.ts';
import { useSavedFilters } from './use-saved-filters.ts';
import css from './filter-bar.module.css';

const SHOWN_HISTORY = 10;

export interface FilterMenuProps {
  readonly text: string;
  readonly onChoose: (filter: string) => void;
}

export function FilterMenu({ text, onChoose }: FilterMenuProps) {
  const { saved, save, remove } = useSavedFilters();
  const history = useSettings((settings) => settings.filterHistory);
  const [name, setName] = useState('');
  const canSave = text.trim() !== '' && name.trim() !== '' && !filterError(text);
  return (
    <Menu position="bottom-end" width={420}>
      <Menu.Target>
        <ActionIcon size="sm" variant="subtle" color="gray" c="dimmed" aria-label="Saved and used filters">
          <IconBookmark size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={css['menu']}>
        <Menu.Label>Saved with this store</Menu.Label>
        {saved.length === 0 && <div className={css['menuNote']}>No filter is saved yet.</div>}
        {saved.map((entry) => (
          <div key={entry.name} className={css['savedRow']}>
            <Menu.Item onClick={() => onChoose(entry.filter)}>
              <strong>{entry.name}</strong>
              <div className="mono dim truncate">{entry.filter}</div>
            </Menu.Item>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`Remove ${entry.name}`}
              onClick={() => remove(entry.name)}
            >
              <IconTrash size={13} />
            </ActionIcon>
          </div>
        ))}
        {text.trim() !== '' && (
          <form
            className={css['save']}
            onSubmit={(event) => {
              event.preventDefault();
              if (canSave) save({ name: name.trim(), filter: text.trim() });
              setName('');
            }}
          >
            <TextInput
              aria-label="Name for the present filter"
              placeholder="Name for the present filter"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
            />
            <Button type="submit" variant="default" disabled={!canSave}>
              Save
            </Button>
          </form>
        )}
        {history.length > 0 && <Menu.Divider />}
        {history.length > 0 && <Menu.Label>Used before</Menu.Label>}
        {history.slice(0, SHOWN_HISTORY).map((filter) => (
          <Menu.Item key={filter} className="mono" onClick={() => onChoose(filter)}>
            <div className="truncate">{filter}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
