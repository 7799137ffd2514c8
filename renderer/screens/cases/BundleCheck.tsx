/** Checks a bundle: every file against its manifest, every exhibit against the log, every trace against its flows. */
import { Button, Checkbox, FileButton, Modal, TextInput } from '@mantine/core';
import { IconFolderOpen, IconShieldCheck } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { BundleReport } from '../../../core/model/case.ts';
import { core } from '../../link/core.ts';
import { withUpload } from '../../link/uploads.ts';
import { isQuiet } from '../../parts/errors.ts';
import { ErrorNote } from '../../parts/Panel.tsx';
import { formatBytes } from '../../parts/format.ts';
import { BundleFindings } from './BundleFindings.tsx';
import { Making } from './Making.tsx';
import { endBundleCheck, useBundleCheck } from '../../state/bundle-check.ts';
import css from './cases.module.css';

export function BundleCheck() {
  const { asked, file } = useBundleCheck();
  return (
    <Modal opened={asked} onClose={endBundleCheck} title="Check an evidence bundle" size="xl">
      {asked && <Check first={file} />}
    </Modal>
  );
}

type State =
  | { readonly is: 'ready' }
  | { readonly is: 'checking'; readonly phase: string }
  | { readonly is: 'checked'; readonly report: BundleReport; readonly compared: boolean }
  | { readonly is: 'failed'; readonly error: unknown };

function Check({ first }: { readonly first: File | undefined }) {
  const [file, setFile] = useState(first);
  const [sha256, setSha256] = useState('');
  const [rerun, setRerun] = useState(true);
  const [state, setState] = useState<State>({ is: 'ready' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const wrong = sha256.trim() !== '' && !/^[0-9a-f]{64}$/i.test(sha256.trim());
  const check = async (chosen: File) => {
    const stop = new AbortController();
    running.current = stop;
    const tell = (phase: string) => setState({ is: 'checking', phase });
    tell('sending the bundle');
    let sent = 0;
    const expected = sha256.trim() === '' ? {} : { sha256: sha256.trim() };
    try {
      const report = await withUpload(
        [{ name: chosen.name, file: chosen }],
        (upload) =>
          core.call(
            'case.verify',
            { upload, rerun, ...expected },
            { signal: stop.signal, onProgress: ({ phase }) => tell(phase) },
          ),
        {
          signal: stop.signal,
          onSent: (bytes) => {
            sent += bytes;
            tell(`sending the bundle: ${formatBytes(sent)} of ${formatBytes(chosen.size)}`);
          },
        },
      );
      setState({ is: 'checked', report, compared: 'sha256' in expected });
    } catch (error) {
      setState(isQuiet(error) || stop.signal.aborted ? { is: 'ready' } : { is: 'failed', error });
    }
  };
  if (state.is === 'checking') {
    return <Making phase={state.phase} onCancel={() => running.current?.abort()} />;
  }
  if (state.is === 'checked') {
    return (
      <div className={css['form']}>
        <BundleFindings report={state.report} compared={state.compared} />
        <div className={css['formEnd']}>
          <Button variant="default" onClick={() => setState({ is: 'ready' })}>
            Check another one
          </Button>
          <Button onClick={endBundleCheck}>Done</Button>
        </div>
      </div>
    );
  }
  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (file && !wrong) void check(file);
      }}
    >
      {state.is === 'failed' && <ErrorNote error={state.error} />}
      <div className={css['chosen']}>
        <FileButton onChange={(chosen) => setFile(chosen ?? undefined)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFolderOpen size={15} aria-hidden />}>
              Choose the bundle
            </Button>
          )}
        </FileButton>
        <span className={`mono truncate ${file ? '' : 'dim'}`}>
          {file ? `${file.name}, ${formatBytes(file.size)}` : 'a file that ends in .backtrail-case'}
        </span>
      </div>
      <TextInput
        label="The SHA-256 that was written down when it was made"
        description="Without it the bundle can be checked for contradictions, but not that it is the one that was exported."
        error={wrong ? 'A SHA-256 is 64 digits, 0 to 9 and a to f.' : undefined}
        value={sha256}
        onChange={(event) => setSha256(event.currentTarget.value)}
        classNames={{ input: 'mono' }}
      />
      <Checkbox
        label="Run its traces again on its own flows, and compare"
        checked={rerun}
        onChange={(event) => setRerun(event.currentTarget.checked)}
      />
      <Button
        type="submit"
        ml="auto"
        disabled={!file || wrong}
        leftSection={<IconShieldCheck size={15} aria-hidden />}
      >
        Check it
      </Button>
    </form>
  );
}
