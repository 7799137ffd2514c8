/** Keeps what is on the screen as an exhibit of the open case; where none is open, offers to open or make one. */
import { ActionIcon, Button, Popover, Textarea, UnstyledButton } from '@mantine/core';
import { IconBriefcase } from '@tabler/icons-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { CaseItem } from '../../../core/model/case.ts';
import { useCaseActions, useCases } from '../../link/cases.ts';
import { isQuiet } from '../errors.ts';
import { showDone, showError } from '../notify.ts';
import { ChooseCase } from './ChooseCase.tsx';
import css from './case.module.css';

const MAX_NOTE = 10_000;

/** Keeps the exhibit with a note, in the open case. */
export type Keep = (note: string, signal: AbortSignal) => Promise<{ readonly item: CaseItem }>;

export interface KeepInCaseProps {
  /** What is kept: `this trace`. */
  readonly what: string;
  readonly keep: Keep;
  readonly disabled?: boolean;
  /** `tool`: beside the title of a panel. `icon`: in the row of a table. */
  readonly look?: 'tool' | 'button' | 'icon';
}

export function KeepInCase({ what, keep, disabled = false, look = 'tool' }: KeepInCaseProps) {
  const [opened, setOpened] = useState(false);
  const target = { disabled, onClick: () => setOpened(!opened), 'aria-expanded': opened };
  const icon = <IconBriefcase size={look === 'icon' ? 13 : 14} aria-hidden />;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width={330}
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        {look === 'icon' ? (
          <ActionIcon
            {...target}
            size="xs"
            variant="subtle"
            color="gray"
            c="dimmed"
            aria-label={`Keep ${what} in the case`}
          >
            {icon}
          </ActionIcon>
        ) : look === 'button' ? (
          <Button {...target} variant="default" size="compact-xs" leftSection={icon}>
            Keep in case
          </Button>
        ) : (
          <UnstyledButton {...target} className={css['tool']}>
            {icon} Keep in case
          </UnstyledButton>
        )}
      </Popover.Target>
      <Popover.Dropdown onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()}>
        {opened && <Kept what={what} keep={keep} onDone={() => setOpened(false)} />}
      </Popover.Dropdown>
    </Popover>
  );
}

interface KeptProps {
  readonly what: string;
  readonly keep: Keep;
  readonly onDone: () => void;
}

function Kept({ what, keep, onDone }: KeptProps) {
  const { open, known } = useCases();
  const { changed } = useCaseActions();
  const [note, setNote] = useState('');
  const running = useRef<AbortController>(undefined);
  const [busy, setBusy] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  if (!known) return null;
  if (!open) return <ChooseCase what={what} />;
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    const stop = new AbortController();
    running.current = stop;
    setBusy(true);
    try {
      const { item } = await keep(note.trim(), stop.signal);
      showDone(`Kept in “${open.name}” as exhibit ${item.id}.`);
      onDone();
    } catch (cause) {
      if (!isQuiet(cause)) showError(cause);
    } finally {
      setBusy(false);
      await changed();
    }
  };
  return (
    <form className={css['form']} onSubmit={(event) => void submit(event)}>
      <div>
        Keep {what} in <strong>{open.name}</strong>
      </div>
      <Textarea
        label="Note"
        placeholder="What it shows (may be empty)"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={MAX_NOTE}
        data-autofocus
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
        }}
      />
      <Button type="submit" loading={busy}>
        Keep
      </Button>
    </form>
  );
}
