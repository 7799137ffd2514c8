/** While a bundle is made or checked: what is being done, and the way out of it. */
import { Button, Loader } from '@mantine/core';
import css from './cases.module.css';

export interface MakingProps {
  readonly phase: string;
  readonly onCancel: () => void;
}

export function Making({ phase, onCancel }: MakingProps) {
  return (
    <div className={css['form']} role="status">
      <div className={css['making']}>
        <Loader size={16} /> <span className="truncate">{phase}</span>
      </div>
      <Button variant="default" ml="auto" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
