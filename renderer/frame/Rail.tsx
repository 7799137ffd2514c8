/** The way between the screens. */
import { Tooltip, UnstyledButton } from '@mantine/core';
import { screens } from '../screens.ts';
import { changeView, useView } from '../state/view.ts';
import { KeyHint } from '../parts/KeyHint.tsx';
import css from './frame.module.css';

export function Rail() {
  const current = useView((view) => view.screen);
  return (
    <nav className={css['rail']} aria-label="Screens">
      {screens.map(({ id, title, about, key, Icon }) => (
        <Tooltip
          key={id}
          position="right"
          label={
            <>
              {about} <KeyHint keys={[key]} />
            </>
          }
        >
          <UnstyledButton
            className={css['railButton']}
            data-current={id === current}
            aria-current={id === current ? 'page' : undefined}
            aria-keyshortcuts={key}
            onClick={() => changeView({ screen: id })}
          >
            <Icon size={20} stroke={1.6} aria-hidden />
            <span>{title}</span>
          </UnstyledButton>
        </Tooltip>
      ))}
    </nav>
  );
}
