/** Makes a case. */
import { Modal } from '@mantine/core';
import { NewCaseForm } from './NewCaseForm.tsx';
import css from './case.module.css';

export interface NewCaseDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function NewCaseDialog({ opened, onClose }: NewCaseDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New case" size="md">
      <p className={css['about']}>
        A case collects what you find as exhibits, and its log takes down every step from now on: chained by
        SHA-256, so that no step can be changed or taken out unseen.
      </p>
      <NewCaseForm onMade={onClose} />
    </Modal>
  );
}
