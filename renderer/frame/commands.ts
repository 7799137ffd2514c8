/** What can be done from anywhere: listed in the palette, and by their keys outside text fields. */
import { useWorkspace } from '../link/workspace.ts';
import { showDone, showError } from '../parts/notify.ts';
import { screens } from '../screens.ts';
import { scaleRange } from '../state/ranges.ts';
import { resetPanes, setScheme, useSettings } from '../state/settings.ts';
import { changeView, goToRange, useView } from '../state/view.ts';
import type { TimeRange } from '../state/view-url.ts';
import { focusFilter } from './filter-focus.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly keys?: readonly string[];
  readonly run: () => void;
}

export const commands: readonly Command[] = [
  { id: 'filter', title: 'Write a filter', keys: ['/'], run: focusFilter },
  { id: 'clear', title: 'Clear the filter', run: () => changeView({ filter: '' }) },
  { id: 'all', title: 'Show all that is stored', keys: ['a'], run: () => goToRange(null) },
  { id: 'in', title: 'Zoom the time range in', keys: ['+'], run: () => zoom(0.5) },
  { id: 'out', title: 'Zoom the time range out', keys: ['-'], run: () => zoom(2) },
  { id: 'fit', title: 'Fit the timeline to the range', keys: ['z'], run: fitTimeline },
  { id: 'scheme', title: 'Change between dark and light', keys: ['d'], run: changeScheme },
  { id: 'layout', title: 'Put panels and columns back as they were', run: resetPanes },
  { id: 'link', title: 'Copy a link to this view', run: () => void copyLink() },
];

function shownRange(): TimeRange | null {
  const stored = useWorkspace.getState().status?.store?.range;
  return useView.getState().range ?? (stored ? { from: stored.startMs, to: stored.endMs + 1 } : null);
}

function zoom(factor: number): void {
  const range = shownRange();
  if (range) goToRange(scaleRange(range, factor));
}

function fitTimeline(): void {
  const range = shownRange();
  if (range) changeView({ window: range });
}

function changeScheme(): void {
  setScheme(useSettings.getState().scheme === 'dark' ? 'light' : 'dark');
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(globalThis.location.href);
    showDone('The link to this view is on the clipboard.');
  } catch (cause) {
    showError(cause);
  }
}

/** Runs the command or opens the screen of a key that was pressed outside a text field. */
export function followShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
      return;
    const screen = screens.find(({ key }) => key === event.key);
    const command = commands.find(({ keys }) => keys?.length === 1 && keys[0] === event.key);
    if (!screen && !command) return;
    event.preventDefault();
    if (screen) changeView({ screen: screen.id });
    else command?.run();
  };
  globalThis.addEventListener('keydown', onKeyDown);
  return () => globalThis.removeEventListener('keydown', onKeyDown);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
