/** Says that the core cannot be reached, for as long as that is so. */
import { Loader } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useWorkspace } from '../link/workspace.ts';
import css from './frame.module.css';

/** A server that has not answered for so long is told of, ms. */
const PATIENCE = 2000;

export function LinkBanner() {
  const link = useWorkspace((workspace) => workspace.link);
  const error = useWorkspace((workspace) => workspace.error);
  const isSlow = useSlow(link === 'connecting');
  const lost = link === 'waiting' || link === 'closed' || link === 'refused' || isSlow;
  return (
    <div className={css['banner']}>
      {(lost || error) && (
        <div className={css['lost']} role="alert">
          <IconPlugConnectedX size={16} color="var(--red)" aria-hidden />
          {error || link === 'refused' ? (
            <span>
              {error?.message ??
                'The server was started anew and does not know this page any more: open the address that it printed.'}
            </span>
          ) : (
            <>
              <span>
                {link === 'connecting'
                  ? 'Backtrail does not answer yet. It is tried again until it does; is the program still running?'
                  : 'The connection to Backtrail is lost. What you see is as it was; it is tried again until it answers.'}
              </span>
              <Loader size={12} color="red" aria-label="Connecting" />
            </>
          )}
        </div>
      )}
    </div>
  );
}

/** True once `state` has lasted for a while. */
function useSlow(state: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!state) return undefined;
    const timer = setTimeout(() => setSlow(true), PATIENCE);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [state]);
  return isSlow;
}
