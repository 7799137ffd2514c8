/** What a case is, and what can be done with it. */
import { Button, FileButton } from '@mantine/core';
import {
  IconLockOpen,
  IconNote,
  IconPackageExport,
  IconPhoto,
  IconPlayerRecord,
  IconPlayerStop,
} from '@tabler/icons-react';
import { Fragment, useRef } from 'react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { MAX_PICTURE_BYTES } from '../../../core/wire/contract-case.ts';
import { useCaseActions } from '../../link/cases.ts';
import { core } from '../../link/core.ts';
import { showDone, showError } from '../../parts/notify.ts';
import { Tag } from '../../parts/Tag.tsx';
import { formatBytes, formatStamp, localTime } from '../../parts/format.ts';
import { CloseCase } from './CloseCase.tsx';
import css from './cases.module.css';

export type CaseDialog = 'note' | 'export';

export interface CaseHeadProps {
  readonly info: CaseInfo;
  /** Steps are recorded in it. */
  readonly isOpen: boolean;
  readonly onDialog: (dialog: CaseDialog) => void;
}

const minute = (ms: number): string => `${formatStamp(ms).slice(0, 16)} UTC`;

export function CaseHead({ info, isOpen, onDialog }: CaseHeadProps) {
  const { open: record } = useCaseActions();
  const said = [info.reference, info.examiner].filter((text) => text !== '');
  return (
    <header className={css['head']}>
      <div className={css['names']}>
        <h1 className={css['title']}>{info.name}</h1>
        <div className={css['line']}>
          <span className="dim">
            {said.map((text) => (
              <Fragment key={text}>
                <span>{text} ·</span>{' '}
              </Fragment>
            ))}
            <span title={localTime(info.openedMs)}>since {minute(info.openedMs)}</span>
          </span>
          {info.closedMs !== null && (
            <span title={localTime(info.closedMs)}>
              <Tag tone="quiet">closed {minute(info.closedMs)}</Tag>
            </span>
          )}
        </div>
      </div>
      <div className={css['actions']}>
        {info.closedMs === null ? (
          <>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={
                isOpen ? <IconPlayerStop size={14} aria-hidden /> : <IconPlayerRecord size={14} aria-hidden />
              }
              onClick={() => {
                record(isOpen ? null : info.id).catch(showError);
              }}
            >
              {isOpen ? 'Stop recording' : 'Open: record steps here'}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconNote size={14} aria-hidden />}
              onClick={() => onDialog('note')}
            >
              Add a note
            </Button>
            <AddPicture info={info} />
            <CloseCase info={info} />
          </>
        ) : (
          <Reopen info={info} />
        )}
        <Button
          size="compact-sm"
          leftSection={<IconPackageExport size={14} aria-hidden />}
          onClick={() => onDialog('export')}
        >
          Export the bundle
        </Button>
      </div>
    </header>
  );
}

function AddPicture({ info }: { readonly info: CaseInfo }) {
  const { changed } = useCaseActions();
  const forget = useRef<() => void>(null);
  const add = async (file: File | null) => {
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
    <FileButton accept="image/png" resetRef={forget} onChange={(file) => void add(file)}>
      {(props) => (
        <Button
          {...props}
          size="compact-sm"
          variant="default"
          leftSection={<IconPhoto size={14} aria-hidden />}
        >
          Add a picture
        </Button>
      )}
    </FileButton>
  );
}

function Reopen({ info }: { readonly info: CaseInfo }) {
  const { changed } = useCaseActions();
  const reopen = async () => {
    try {
      await core.call('case.setClosed', { case: info.id, closed: false });
    } catch (cause) {
      showError(cause);
    } finally {
      await changed();
    }
  };
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconLockOpen size={14} aria-hidden />}
      onClick={() => void reopen()}
    >
      Take it up again
    </Button>
  );
}
