/** The screens of the rail, in its order. A screen appears here when it works: a folder below screens/ and one entry. */
import {
  IconBriefcase,
  IconChartHistogram,
  IconDatabaseImport,
  IconFileText,
  IconHeartbeat,
  IconRoute,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';
import { lazy, type ComponentType } from 'react';

export interface Screen {
  readonly id: string;
  readonly title: string;
  /** What it answers, for the palette. */
  readonly about: string;
  /** The key that opens it from anywhere outside a text field. */
  readonly key: string;
  readonly Icon: TablerIcon;
  readonly View: ComponentType;
}

/** A screen's code is fetched when it is first opened. */
const open = (load: () => Promise<ComponentType>) => lazy(async () => ({ default: await load() }));

export const screens: readonly Screen[] = [
  {
    id: 'sources',
    title: 'Sources',
    about: 'Files, live collectors and the sample case',
    key: '1',
    Icon: IconDatabaseImport,
    View: open(async () => (await import('./screens/sources/SourcesScreen.tsx')).SourcesScreen),
  },
  {
    id: 'explore',
    title: 'Explore',
    about: 'Timeline, top lists and every stored flow',
    key: '2',
    Icon: IconChartHistogram,
    View: open(async () => (await import('./screens/explore/ExploreScreen.tsx')).ExploreScreen),
  },
  {
    id: 'trace',
    title: 'Trace',
    about: 'Through which machines a login came; stepping stones that nobody reported',
    key: '3',
    Icon: IconRoute,
    View: open(async () => (await import('./screens/trace/TraceScreen.tsx')).TraceScreen),
  },
  {
    id: 'tracker',
    title: 'Tracker',
    about: 'The path on the globe, countries, live flows and replay',
    key: '4',
    Icon: IconWorld,
    View: open(async () => (await import('./screens/tracker/TrackerScreen.tsx')).TrackerScreen),
  },
  {
    id: 'health',
    title: 'Health',
    about: 'Loss, clocks, sampling and damage: how far the evidence can be trusted',
    key: '7',
    Icon: IconHeartbeat,
    View: open(async () => (await import('./screens/health/HealthScreen.tsx')).HealthScreen),
  },
  {
    id: 'reports',
    title: 'Reports',
    about: 'A month or a case on paper: made, looked at and saved as PDF, CSV and JSON',
    key: '9',
    Icon: IconFileText,
    View: open(async () => (await import('./screens/reports/ReportsScreen.tsx')).ReportsScreen),
  },
  {
    id: 'cases',
    title: 'Cases',
    about: 'Exhibits, notes, the log of every step, and the evidence bundle',
    key: '0',
    Icon: IconBriefcase,
    View: open(async () => (await import('./screens/cases/CasesScreen.tsx')).CasesScreen),
  },
];

export const findScreen = (id: string): Screen | undefined => screens.find((screen) => screen.id === id);
