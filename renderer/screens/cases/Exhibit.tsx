/** One exhibit: what was kept, why, and its hash. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconArrowRight, IconFileText, IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { CaseInfo, CaseItem } from '../../../core/model/case.ts';
import { useCaseKey } from '../../link/cases.ts';
import { core } from '../../link/core.ts';
import { Facts } from '../../parts/Facts.tsx';
import { ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { showDone, showError } from '../../parts/notify.ts';
import { saveContent } from '../../parts/save.ts';
import { factsOf, kindWords, reopen, reopenWords } from './exhibits.ts';
import { WithReason } from './WithReason.tsx';
import css from './cases.module.css';

export interface ExhibitProps {
  readonly info: CaseInfo;
  readonly item: CaseItem;
}

export function Exhibit({ info, item }: ExhibitProps) {
  const { id, kind, title, note, withdrawn } = item;
  const back = reopenWords[kind];
  return (
    <Panel title={`Exhibit ${id} · ${kindWords[kind]}`} label="The chosen exhibit" scrolls>
      <h3 className={css['exhibitName']} data-withdrawn={withdrawn !== null}>
        {title}
      </h3>
      {withdrawn !== null && (
        <p className={css['withdrawn']} role="note">
          <strong>Withdrawn.</strong> {withdrawn} It goes into no bundle; that it was kept stays in the log.
        </p>
      )}
      <div className={css['exhibitActions']}>
        {back !== undefined && (
          <Button
            variant="default"
            size="compact-sm"
            rightSection={<IconArrowRight size={13} aria-hidden />}
            onClick={() => reopen(item)}
          >
            {back}
          </Button>
        )}
        {kind === 'trace' && <Print info={info} item={item} />}
        {withdrawn === null && info.closedMs === null && <Withdraw info={info} item={item} />}
      </div>
      {note !== '' && <p className={css['note']}>{note}</p>}
      {kind === 'screenshot' && <Picture info={info} item={item} />}
      <Facts facts={factsOf(item)} />
    </Panel>
  );
}

function Print({ info, item }: ExhibitProps) {
  const [busy, setBusy] = useState(false);
  const print = async () => {
    setBusy(true);
    try {
      const { pdf, fileName } = await core.call('case.print', { case: info.id, item: item.id, paper: 'a4' });
      saveContent(pdf, `${fileName}.pdf`, 'application/pdf');
      showDone(`${fileName}.pdf was made.`);
    } catch (cause) {
      showError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={busy}
      leftSection={<IconFileText size={13} aria-hidden />}
      onClick={() => void print()}
    >
      Print as PDF
    </Button>
  );
}

function Withdraw({ info, item }: ExhibitProps) {
  return (
    <WithReason
      word="Withdraw"
      icon={<IconTrash size={13} aria-hidden />}
      label="Why it is withdrawn"
      description="Nothing is ever deleted: the exhibit stays in the log with this reason, and out of the bundle."
      onReason={(reason) => core.call('case.withdraw', { case: info.id, item: item.id, reason })}
    />
  );
}

function Picture({ info, item }: ExhibitProps) {
  const { data, error, refetch } = useQuery({
    queryKey: useCaseKey(info.id, 'picture', item.id),
    queryFn: ({ signal }) => core.call('case.screenshot', { item: item.id }, { signal }),
  });
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!data) return undefined;
    const made = URL.createObjectURL(new Blob([data.png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (address === undefined) return <LoadingNote lines={4} />;
  return <img className={css['picture']} src={address} alt={item.title} />;
}
