/** Another store of this machine, where the host lets one choose. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { openStore } from '../../link/stores.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { Panel } from '../../parts/Panel.tsx';
import { showDone, showError } from '../../parts/notify.ts';
import css from './sources.module.css';

export function OpenStore() {
  const status = useWorkspace((workspace) => workspace.status);
  const [folder, setFolder] = useState('');
  const [busy, setBusy] = useState(false);
  if (!status?.can.openStore) return null;
  const open = async (create: boolean) => {
    setBusy(true);
    try {
      await openStore(folder.trim(), create);
      showDone(`${folder.trim()} is open.`);
      setFolder('');
    } catch (cause) {
      showError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={css['block']}>
      <Panel title="Store">
        <form
          className={css['listen']}
          onSubmit={(event) => {
            event.preventDefault();
            void open(false);
          }}
        >
          <TextInput
            label="Open another store: its folder on this machine"
            placeholder={status.store?.folder ?? '/cases/2026-11'}
            value={folder}
            onChange={(event) => setFolder(event.currentTarget.value)}
            classNames={{ input: 'mono' }}
          />
          <Button type="submit" variant="default" loading={busy} disabled={folder.trim() === ''}>
            Open
          </Button>
          <Button
            variant="default"
            loading={busy}
            disabled={folder.trim() === ''}
            onClick={() => void open(true)}
          >
            Make
          </Button>
        </form>
      </Panel>
    </div>
  );
}
