/** Keeps the globe as it is seen in the open case. */
import type { RefObject } from 'react';
import { core } from '../../link/core.ts';
import { KeepInCase } from '../../parts/case/KeepInCase.tsx';
import { formatStamp } from '../../parts/format.ts';
import type { TakePicture } from '../../parts/globe/Globe.tsx';
import type { TrackerMode } from './tracker-state.ts';
import css from './keep-picture.module.css';

const titles: Readonly<Record<TrackerMode, string>> = {
  path: 'The globe: the path of a login',
  live: 'The globe: live flows',
  replay: 'The globe: flows replayed',
};

export interface KeepPictureProps {
  readonly mode: TrackerMode;
  readonly picture: RefObject<TakePicture | null>;
}

export function KeepPicture({ mode, picture }: KeepPictureProps) {
  return (
    <div className={css['keep']}>
      <KeepInCase
        what="this picture"
        keep={async (note, signal) => {
          const take = picture.current;
          if (!take) throw new Error('The globe is not drawn yet: wait a moment.');
          const title = titles[mode];
          const png = await take(`${title}, taken ${formatStamp(Date.now()).slice(0, 19)} UTC`);
          return core.call('case.addScreenshot', { title, png, note }, { signal });
        }}
      />
    </div>
  );
}
