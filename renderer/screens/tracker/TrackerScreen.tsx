/** Where it happened: the path of a trace, live flows, or any stored range of time on a globe that needs no network. */
import { LiveMode } from './LiveMode.tsx';
import { PathMode } from './PathMode.tsx';
import { ReplayMode } from './ReplayMode.tsx';
import { useTrackerState } from './tracker-state.ts';

const views = { path: PathMode, live: LiveMode, replay: ReplayMode } as const;

export function TrackerScreen() {
  const state = useTrackerState();
  const View = views[state.mode];
  return <View state={state} />;
}
