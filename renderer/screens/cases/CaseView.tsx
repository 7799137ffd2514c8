/** One case: what it is, what can be done with it, its exhibits or its log. */
import { Button, FileButton, SegmentedControl } from '@mantine/core';
import {
  IconNote,
  IconPackageExport,
  IconPhoto,
  IconPlayerRecord,
  IconPlayerStop,
} from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { MAX_PICTURE_BYTES } from '../../../core/wire/contract-case.ts';
import { useCase, useCaseActions } from '../../link/cases.ts';
import { core } from '../../link/core.ts';
import { showDone, showError } from '../../parts/notify.ts';
import { formatBytes, formatStamp, localTime } from '../../parts/format.ts';
import { changeExtra, useView } from '../../state/view.ts';
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
  const { open: record, changed } = useCaseActions();
  const isLog = useView((view) => view.extra['log'] === '1');
  const [dialog, setDialog] = useState<'note' | 'export'>();
  const forget = useRef<() => void>(null);
  const isOpen = open?.id === info.id;
  const said = [info.reference, info.examiner].filter((text) => text !== '');
  const choose = () => {
    record(isOpen ? null : info.id).catch(showError);
  };
  const addPicture = async (file: File | null) => {
    forget.current?.();
    if (!file) return;
    try {
      if (file.size > MAX_PICTURE_BYTES) {
        throw new Error(`${file.name} is larger than ${formatBytes(MAX_PICTURE_BYTES)}: make it smaller.`);
      }
      const png = new Uint8Array(await file.arrayBuffer());
      const { item } = await core.call('case.addScreenshot', { case: info.id, title: file.name, png });
      showDone(`Kept as exhibit ${item.id}.`);
    } catch (cause) {
      showError(cause);
    } finally {
      await changed();
    }
  };
  return (
    <section className={css['case']} aria-label={info.name}>
      <header className={css['head']}>
        <div className={css['names']}>
          <h1 className={css['title']}>{info.name}</h1>
          <div className="dim">
            {said.map((text) => (
              <span key={text}>{text} · </span>
            ))}
            <span title={localTime(info.openedMs)}>since {formatStamp(info.openedMs).slice(0, 16)} UTC</span>
          </div>
        </div>
        <div className={css['actions']}>
          <Button
            variant="default"
            leftSection={
              isOpen ? <IconPlayerStop size={14} aria-hidden /> : <IconPlayerRecord size={14} aria-hidden />
            }
            onClick={choose}
          >
            {isOpen ? 'Stop recording' : 'Open: record steps here'}
          </Button>
          <Button
            variant="default"
            leftSection={<IconNote size={14} aria-hidden />}
            onClick={() => setDialog('note')}
          >
            Add a note
          </Button>
          <FileButton accept="image/png" resetRef={forget} onChange={(file) => void addPicture(file)}>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconPhoto size={14} aria-hidden />}>
                Add a picture
              </Button>
            )}
          </FileButton>
          <Button
            leftSection={<IconPackageExport size={14} aria-hidden />}
            onClick={() => setDialog('export')}
          >
            Export the bundle
          </Button>
        </div>
      </header>
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
