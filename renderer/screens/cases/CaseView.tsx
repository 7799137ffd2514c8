/** One case: what it is, what can be done with it, its exhibits or its log. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { useCase } from '../../link/cases.ts';
import { changeExtra, useView } from '../../state/view.ts';
import { CaseHead, type CaseDialog } from './CaseHead.tsx';
import { CaseLog } from './CaseLog.tsx';
import { Exhibits } from './Exhibits.tsx';
import { ExportDialog } from './ExportDialog.tsx';
import { NoteDialog } from './NoteDialog.tsx';
import css from './cases.module.css';

export interface CaseViewProps {
  readonly info: CaseInfo;
  readonly open: CaseInfo | undefined;
}

export function CaseView({ info, open }: CaseViewProps) {
  const { data, error, refetch } = useCase(info.id);
  const isLog = useView((view) => view.extra['log'] === '1');
  const [dialog, setDialog] = useState<CaseDialog>();
  return (
    <section className={css['case']} aria-label={info.name}>
      <CaseHead info={info} isOpen={open?.id === info.id} onDialog={setDialog} />
      <div className={css['tabs']}>
        <SegmentedControl
          aria-label="What is shown of the case"
          data={[
            { value: 'exhibits', label: `Exhibits (${info.items})` },
            { value: 'log', label: `Log (${info.steps})` },
          ]}
          value={isLog ? 'log' : 'exhibits'}
          onChange={(value) => changeExtra({ log: value === 'log' ? '1' : undefined })}
        />
      </div>
      <div className={css['content']}>
        {isLog ? (
          <CaseLog info={info} />
        ) : (
          <Exhibits info={info} items={data?.items} error={error} onRetry={() => void refetch()} />
        )}
      </div>
      {dialog === 'note' && <NoteDialog info={info} onClose={() => setDialog(undefined)} />}
      {dialog === 'export' && <ExportDialog info={info} onClose={() => setDialog(undefined)} />}
    </section>
  );
}
