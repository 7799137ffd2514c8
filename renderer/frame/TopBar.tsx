/** Which store is open, the filter, the time range, the palette. */
import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useWorkspace } from '../link/workspace.ts';
import { KeyHint } from '../parts/KeyHint.tsx';
import { setScheme, useSettings } from '../state/settings.ts';
import { CaseChip } from './CaseChip.tsx';
import { FilterBar } from './FilterBar.tsx';
import { TimeRange } from './TimeRange.tsx';
import css from './frame.module.css';

export function TopBar() {
  const folder = useWorkspace((workspace) => workspace.status?.store?.folder);
  const scheme = useSettings((settings) => settings.scheme);
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <header className={css['top']}>
      <span className={css['brand']}>Backtrail</span>
      {folder !== undefined && (
        <span className={`${css['store']} truncate`} title={folder}>
          {folder
            .replace(/[\\/]+$/, '')
            .split(/[\\/]/)
            .at(-1)}
        </span>
      )}
      <CaseChip />
      <FilterBar />
      <TimeRange />
      <Tooltip label={`Change to the ${other} theme`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          c="dimmed"
          aria-label={`Change to the ${other} theme`}
          onClick={() => setScheme(other)}
        >
          {scheme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
        </ActionIcon>
      </Tooltip>
      <UnstyledButton className={`${css['textButton']} ${css['paletteButton']}`} onClick={spotlight.open}>
        <span className="visually-hidden">Command palette</span>
        <KeyHint keys={['mod', 'K']} />
      </UnstyledButton>
    </header>
  );
}
