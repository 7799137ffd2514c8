/** The window: bars around the screen that is open. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useEffect } from 'react';
import { followDesk } from './desktop/follow-desk.ts';
import { followShortcuts } from './frame/commands.ts';
import { DropTarget } from './frame/DropTarget.tsx';
import { LinkBanner } from './frame/LinkBanner.tsx';
import { Palette } from './frame/Palette.tsx';
import { Rail } from './frame/Rail.tsx';
import { ScreenBoundary } from './frame/ScreenBoundary.tsx';
import { StatusBar } from './frame/StatusBar.tsx';
import { TopBar } from './frame/TopBar.tsx';
import css from './frame/frame.module.css';
import { shouldRetry } from './link/retry.ts';
import { followWorkspace, useWorkspace } from './link/workspace.ts';
import { EmptyNote, LoadingNote } from './parts/Panel.tsx';
import { findScreen, screens } from './screens.ts';
import { useSettings } from './state/settings.ts';
import { useView } from './state/view.ts';
import { styleNonce } from './theme/style-nonce.ts';
import { cssVariables, theme } from './theme/theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: shouldRetry,
      refetchOnWindowFocus: false,
      staleTime: Infinity,
      gcTime: 60_000,
      networkMode: 'always',
      retryDelay: 400,
    },
  },
});

export function App() {
  const scheme = useSettings((settings) => settings.scheme);
  useEffect(() => {
    void followWorkspace();
    void followDesk();
    return followShortcuts();
  }, []);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      forceColorScheme={scheme}
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queries}>
        <div className={css['frame']}>
          <TopBar />
          <LinkBanner />
          <Rail />
          <main className={css['screen']}>
            <OpenScreen />
          </main>
          <StatusBar />
        </div>
        <Palette />
        <DropTarget />
        <Notifications position="bottom-right" limit={4} transitionDuration={0} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function OpenScreen() {
  const id = useView((view) => view.screen);
  const screen = findScreen(id);
  // Before the store is known, no screen can say what it holds, nor that it holds nothing.
  const isKnown = useWorkspace(
    ({ status, revision }) => status !== undefined && (status.store === null || revision !== undefined),
  );
  const isRefused = useWorkspace((workspace) => workspace.link === 'refused');
  useEffect(() => {
    document.title = screen ? `${screen.title} · Backtrail` : 'Backtrail';
  }, [screen]);
  if (!screen) {
    return (
      <EmptyNote title={`There is no screen named “${id}”.`}>
        Choose one at the left: {screens.map(({ title }) => title).join(', ')}.
      </EmptyNote>
    );
  }
  if (!isKnown) return isRefused ? null : <LoadingNote lines={8} />;
  return (
    <ScreenBoundary key={id}>
      <Suspense fallback={<LoadingNote lines={8} />}>
        <screen.View />
      </Suspense>
    </ScreenBoundary>
  );
}
