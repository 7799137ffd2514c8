/** Closes a case: nothing is kept in it any more. */
import { IconLock } from '@tabler/icons-react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { core } from '../../link/core.ts';
import { WithReason } from './WithReason.tsx';

export function CloseCase({ info }: { readonly info: CaseInfo }) {
  return (
    <WithReason
      word="Close the case"
      icon={<IconLock size={14} aria-hidden />}
      label="Why it is closed"
      description="Nothing is kept in a closed case, or taken out of it. It can be taken up again; the log has both."
      onReason={(reason) => core.call('case.setClosed', { case: info.id, closed: true, reason })}
    />
  );
}
