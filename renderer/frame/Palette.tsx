/** The command palette: every screen and every command, found by typing. */
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { IconArrowRight, IconCommand, IconFilter } from '@tabler/icons-react';
import { KeyHint } from '../parts/KeyHint.tsx';
import { screens } from '../screens.ts';
import { useSettings } from '../state/settings.ts';
import { changeView } from '../state/view.ts';
import { commands } from './commands.ts';

export function Palette() {
  const history = useSettings((settings) => settings.filterHistory);
  const actions = [
    {
      group: 'Screens',
      actions: screens.map(({ id, title, about, key }): SpotlightActionData => ({
        id,
        label: title,
        description: about,
        leftSection: <IconArrowRight size={16} aria-hidden />,
        rightSection: <KeyHint keys={[key]} />,
        onClick: () => changeView({ screen: id }),
      })),
    },
    {
      group: 'Commands',
      actions: commands.map(({ id, title, keys, run }): SpotlightActionData => ({
        id,
        label: title,
        leftSection: <IconCommand size={16} aria-hidden />,
        ...(keys ? { rightSection: <KeyHint keys={keys} /> } : {}),
        onClick: run,
      })),
    },
    {
      group: 'Filters used before',
      actions: history.slice(0, 8).map((filter): SpotlightActionData => ({
        id: `filter ${filter}`,
        label: filter,
        leftSection: <IconFilter size={16} aria-hidden />,
        onClick: () => changeView({ filter, screen: 'explore' }),
      })),
    },
  ];
  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K']}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound="No command of that name."
      searchProps={{ placeholder: 'Go to a screen, run a command, apply a filter', 'aria-label': 'Command' }}
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.45 }}
    />
  );
}
