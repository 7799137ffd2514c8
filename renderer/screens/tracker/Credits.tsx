/** What places and basemap rest on: always in view, as the licence of the database asks. */
import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { webGl } from '../../parts/globe/webgl.ts';
import { Databases } from './Databases.tsx';
import { sourceText } from './place-words.ts';
import css from './tracker.module.css';

export function Credits() {
  const { data } = useCall('geo.info', {});
  const canOpen = useWorkspace((workspace) => workspace.status?.can.importPaths === true);
  const [choosing, setChoosing] = useState(false);
  const databases = data?.databases ?? [];
  const problems = data?.problems ?? [];
  return (
    <p className={css['credits']} data-testid="credits">
      {databases.length > 0 && 'places: '}
      {databases.map((source, i) => (
        <span key={`${source.name} ${i}`} title={source.type}>
          {i > 0 && ', '}
          {sourceText(source)}
          {source.credit !== '' && (
            <>
              ,{' '}
              {source.url === null ? (
                source.credit
              ) : (
                <a href={source.url} target="_blank" rel="noreferrer">
                  {source.credit}
                </a>
              )}
            </>
          )}
        </span>
      ))}
      {data && databases.length === 0 && 'no database of places is installed'}
      {problems.length > 0 && <span className={css['problem']}> · {problems.join(' ')}</span>}
      <span> · basemap: Natural Earth, offline</span>
      {webGl() === 'software' && (
        <span
          className={css['creditNote']}
          data-testid="without-card"
          title="This browser has no graphics card to draw with, or its hardware acceleration is off: outlines are coarser, and live pictures follow less often."
        >
          {' '}
          · drawn without a graphics card: coarser
        </span>
      )}
      {data && canOpen && (
        <>
          {' '}
          ·{' '}
          <UnstyledButton className={css['creditButton']} onClick={() => setChoosing(true)}>
            use your own
          </UnstyledButton>
        </>
      )}
      {data && choosing && <Databases info={data} onClose={() => setChoosing(false)} />}
    </p>
  );
}
