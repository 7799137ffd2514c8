/** Makes the evidence bundle, and says by what it will be known again. */
import { Button, Code, CopyButton, Modal } from '@mantine/core';
import { IconCheck, IconCopy, IconPackageExport } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { useCaseActions } from '../../link/cases.ts';
import { core } from '../../link/core.ts';
import { isQuiet } from '../../parts/errors.ts';
import { ErrorNote } from '../../parts/Panel.tsx';
import { formatBytes, formatCount } from '../../parts/format.ts';
import { fetchDownload } from '../../parts/save.ts';
import { Making } from './Making.tsx';
import css from './cases.module.css';

interface Made {
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly files: number;
  readonly notes: readonly string[];
}

type State =
  | { readonly is: 'ready' }
  | { readonly is: 'making'; readonly phase: string }
  | { readonly is: 'made'; readonly made: Made }
  | { readonly is: 'failed'; readonly error: unknown };

export interface ExportDialogProps {
  readonly info: CaseInfo;
  readonly onClose: () => void;
}

export function ExportDialog({ info, onClose }: ExportDialogProps) {
  const { changed } = useCaseActions();
  const [state, setState] = useState<State>({ is: 'ready' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const make = async () => {
    const stop = new AbortController();
    running.current = stop;
    setState({ is: 'making', phase: 'reading the case' });
    try {
      const { path, ...made } = await core.call(
        'case.export',
        { case: info.id },
        { signal: stop.signal, onProgress: ({ phase }) => setState({ is: 'making', phase }) },
      );
      fetchDownload(path, made.fileName);
      setState({ is: 'made', made });
    } catch (error) {
      setState(isQuiet(error) || stop.signal.aborted ? { is: 'ready' } : { is: 'failed', error });
    } finally {
      await changed();
    }
  };
  return (
    <Modal opened onClose={onClose} title={`The evidence bundle of “${info.name}”`} size="lg">
      {state.is === 'made' ? (
        <Exported made={state.made} onClose={onClose} />
      ) : state.is === 'making' ? (
        <Making phase={state.phase} onCancel={() => running.current?.abort()} />
      ) : (
        <div className={css['form']}>
          {state.is === 'failed' && <ErrorNote error={state.error} />}
          <p className={css['said']}>
            One zip file with {formatCount(info.items)} {info.items === 1 ? 'exhibit' : 'exhibits'}: traces as
            JSON and PDF, the flows that each rests on as CSV and nfcapd, pictures, notes, every source with
            its hash, and the log of {formatCount(info.steps)} steps. A manifest holds the SHA-256 of
            everything. Anyone can check it: here, or with <Code>backtrail case verify</Code>.
          </p>
          <Button
            ml="auto"
            data-autofocus
            leftSection={<IconPackageExport size={15} aria-hidden />}
            onClick={() => void make()}
          >
            {state.is === 'failed' ? 'Try again' : 'Make the bundle'}
          </Button>
        </div>
      )}
    </Modal>
  );
}

function Exported({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  return (
    <div className={css['form']} data-testid="bundle-made">
      <p className={css['said']}>
        <strong>{made.fileName}</strong>, {formatBytes(made.bytes)} in {formatCount(made.files)} files, is on
        its way to your downloads.
      </p>
      <div>
        Its SHA-256. Write it down where nobody can change it, apart from the bundle: only by it can the
        bundle be told from another one.
        <Code block className={css['hash']} data-testid="bundle-hash">
          {made.sha256}
        </Code>
      </div>
      {made.notes.map((note) => (
        <p key={note} className={css['withdrawn']} role="note">
          {note}
        </p>
      ))}
      <div className={css['formEnd']}>
        <CopyButton value={made.sha256}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy the SHA-256'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  );
}
