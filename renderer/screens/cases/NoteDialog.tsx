/** A note of one's own, in plain text. */
import { Button, Modal, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { useCaseActions } from '../../link/cases.ts';
import { core } from '../../link/core.ts';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { showDone, showError } from '../../parts/notify.ts';
import css from './cases.module.css';

const MAX_NOTE = 10_000;

export interface NoteDialogProps {
  readonly info: CaseInfo;
  readonly onClose: () => void;
}

export function NoteDialog({ info, onClose }: NoteDialogProps) {
  const { changed } = useCaseActions();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === '') return;
    setBusy(true);
    try {
      const { item } = await core.call('case.addNote', { case: info.id, text: text.trim() });
      showDone(`Kept as exhibit ${item.id}.`);
      await changed();
      onClose();
    } catch (cause) {
      showError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`A note in “${info.name}”`} size="lg">
      <form className={css['form']} onSubmit={(event) => void submit(event)}>
        <Textarea
          label="Note"
          description="Plain text. Its first line is its title. A note cannot be changed later: write another one."
          autosize
          minRows={6}
          maxRows={18}
          maxLength={MAX_NOTE}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
          }}
        />
        <div className={css['formEnd']}>
          <span className="dim">
            <KeyHint keys={['mod', 'Enter']} /> keeps it
          </span>
          <Button type="submit" loading={busy} disabled={text.trim() === ''}>
            Keep the note
          </Button>
        </div>
      </form>
    </Modal>
  );
}
