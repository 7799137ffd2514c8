/** Which case the steps are recorded in, and the way to another one. */
import { Menu, UnstyledButton } from '@mantine/core';
import {
  IconBriefcase,
  IconCamera,
  IconFolderOpen,
  IconList,
  IconPlayerStop,
  IconPlus,
} from '@tabler/icons-react';
import { useState } from 'react';
import { hasPower } from '../desktop/bridge.ts';
import { useCaseActions, useCases } from '../link/cases.ts';
import { core } from '../link/core.ts';
import { NewCaseDialog } from '../parts/case/NewCaseDialog.tsx';
import { showDone, showError } from '../parts/notify.ts';
import { findScreen } from '../screens.ts';
import { changeView, useView } from '../state/view.ts';
import css from './frame.module.css';

const SHOWN = 8;

export function CaseChip() {
  const { cases, open, known } = useCases();
  const { open: record, changed } = useCaseActions();
  const [making, setMaking] = useState(false);
  const screen = useView((view) => view.screen);
  if (!known) return null;
  const choose = (id: string | null) => {
    record(id).catch(showError);
  };
  const keepPicture = async () => {
    try {
      const { png } = await core.call('desktop.picture', {});
      const title = `The ${findScreen(screen)?.title ?? screen} screen`;
      const { item } = await core.call('case.addScreenshot', { title, png });
      showDone(`Kept as exhibit ${item.id}.`);
      await changed();
    } catch (cause) {
      showError(cause);
    }
  };
  const others = cases.filter(({ id, closedMs }) => id !== open?.id && closedMs === null).toReversed();
  return (
    <>
      <Menu position="bottom-start" width={300}>
        <Menu.Target>
          <UnstyledButton
            className={css['case']}
            data-open={open !== undefined}
            aria-label={open ? `Case: ${open.name}` : 'No case is open'}
            title={open ? `Steps are recorded in “${open.name}”` : 'Steps are recorded in no case'}
          >
            <IconBriefcase size={14} aria-hidden />
            <span className="truncate">{open ? open.name : 'No case'}</span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {open && (
            <>
              <Menu.Label>Every step is recorded in “{open.name}”</Menu.Label>
              <Menu.Item
                leftSection={<IconBriefcase size={14} aria-hidden />}
                onClick={() => changeView({ screen: 'cases', extra: { case: open.id } })}
              >
                Open its exhibits and its log
              </Menu.Item>
              {hasPower('desktop.picture') && (
                <Menu.Item
                  leftSection={<IconCamera size={14} aria-hidden />}
                  onClick={() => void keepPicture()}
                >
                  Keep a picture of this window
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={() => choose(null)}>
                Stop recording
              </Menu.Item>
            </>
          )}
          {others.length > 0 && (
            <Menu.Label>{open ? 'Record in another case' : 'Record in a case'}</Menu.Label>
          )}
          {others.slice(0, SHOWN).map(({ id, name, reference }) => (
            <Menu.Item
              key={id}
              leftSection={<IconFolderOpen size={14} aria-hidden />}
              rightSection={<span className="dim">{reference}</span>}
              onClick={() => choose(id)}
            >
              {name}
            </Menu.Item>
          ))}
          {(open !== undefined || others.length > 0) && <Menu.Divider />}
          <Menu.Item leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setMaking(true)}>
            New case…
          </Menu.Item>
          <Menu.Item
            leftSection={<IconList size={14} aria-hidden />}
            onClick={() => changeView({ screen: 'cases' })}
          >
            All cases
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NewCaseDialog opened={making} onClose={() => setMaking(false)} />
    </>
  );
}
