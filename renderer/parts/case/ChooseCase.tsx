/** No case is open: one of those that there are, or a new one. */
import { UnstyledButton } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { useCaseActions, useCases } from '../../link/cases.ts';
import { showError } from '../notify.ts';
import { NewCaseForm } from './NewCaseForm.tsx';
import css from './case.module.css';

const SHOWN = 6;

export function ChooseCase({ what }: { readonly what: string }) {
  const { cases: all } = useCases();
  const cases = all.filter(({ closedMs }) => closedMs === null);
  const { open } = useCaseActions();
  const [asksNew, setAsksNew] = useState(false);
  const choose = (id: string) => {
    open(id).catch(showError);
  };
  if (cases.length === 0 || asksNew) {
    return (
      <div className={css['form']}>
        <div>
          {cases.length === 0
            ? `There is no case yet to keep ${what} in: make one.`
            : `A new case for ${what}:`}
        </div>
        <NewCaseForm onMade={() => undefined} />
      </div>
    );
  }
  return (
    <div className={css['form']}>
      <div>No case is open. Which one is {what} for?</div>
      <div className={css['choices']}>
        {cases
          .toReversed()
          .slice(0, SHOWN)
          .map(({ id, name, reference }) => (
            <UnstyledButton key={id} className={css['choice']} onClick={() => choose(id)}>
              <IconFolderOpen size={14} aria-hidden />
              <span className="truncate">{name}</span>
              <span className="dim">{reference}</span>
            </UnstyledButton>
          ))}
        <UnstyledButton className={css['choice']} onClick={() => setAsksNew(true)}>
          New case…
        </UnstyledButton>
      </div>
    </div>
  );
}
