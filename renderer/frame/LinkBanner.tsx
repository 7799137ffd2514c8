/** Says that the core cannot be reached, for as long as that is so. */
import { Loader } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useWorkspace } from '../link/workspace.ts';
import css from './frame.module.css';

export function LinkBanner() {
  const link = useWorkspace((workspace) => workspace.link);
  const error = useWorkspace((workspace) => workspace.error);
  const lost = link === 'waiting' || link === 'closed' || link === 'refused';
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
                The connection to Backtrail is lost. What you see is as it was; it is tried again until it
                answers.
              </span>
              <Loader size={12} color="red" aria-label="Connecting" />
            </>
          )}
        </div>
      )}
    </div>
  );
}
