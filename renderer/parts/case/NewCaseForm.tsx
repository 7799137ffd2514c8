/** What a new case is called, under which number it runs, who works on it. */
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useCaseActions } from '../../link/cases.ts';
import { showError } from '../notify.ts';
import css from './case.module.css';

const MAX_LENGTH = 200;

export interface NewCaseFormProps {
  readonly onMade: () => void;
}

export function NewCaseForm({ onMade }: NewCaseFormProps) {
  const { create } = useCaseActions();
  const [name, setName] = useState('');
  const [reference, setReference] = useState('');
  const [examiner, setExaminer] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return;
    setBusy(true);
    try {
      await create({ name: name.trim(), reference: reference.trim(), examiner: examiner.trim() });
      onMade();
    } catch (cause) {
      showError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={css['form']} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="Title"
        placeholder="Intrusion at the Hayward gateway"
        maxLength={MAX_LENGTH}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className={css['pair']}>
        <TextInput
          label="Reference"
          placeholder="IR-2026-117"
          maxLength={MAX_LENGTH}
          value={reference}
          onChange={(event) => setReference(event.currentTarget.value)}
        />
        <TextInput
          label="Examiner"
          placeholder="Who works on it"
          maxLength={MAX_LENGTH}
          value={examiner}
          onChange={(event) => setExaminer(event.currentTarget.value)}
        />
      </div>
      <Button type="submit" loading={busy} disabled={name.trim() === ''}>
        Create and open it
      </Button>
    </form>
  );
}
