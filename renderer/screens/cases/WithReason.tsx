/** A button for what is done once, with a reason that the log keeps. */
import { Button, Popover, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useCaseActions } from '../../link/cases.ts';
import { showError } from '../../parts/notify.ts';
import css from './cases.module.css';

export interface WithReasonProps {
  /** On the button, and on the one that does it. */
  readonly word: string;
  readonly icon: ReactNode;
  readonly label: string;
  readonly description: string;
  readonly onReason: (reason: string) => Promise<unknown>;
}

export function WithReason({ word, icon, label, description, onReason }: WithReasonProps) {
  const { changed } = useCaseActions();
  const [opened, setOpened] = useState(false);
  const [reason, setReason] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === '') return;
    try {
      await onReason(reason.trim());
      setOpened(false);
      setReason('');
    } catch (cause) {
      showError(cause);
    } finally {
      await changed();
    }
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={icon}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {word}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form className={css['form']} onSubmit={(event) => void submit(event)}>
          <TextInput
            label={label}
            description={description}
            maxLength={1000}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" color="red" disabled={reason.trim() === ''}>
            {word}, with this reason
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
