/** Files can be dropped anywhere on the window. */
import { IconFileImport } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { filesOfDrop } from '../link/dropped-files.ts';
import { importFiles } from '../link/uploads.ts';
import { showError } from '../parts/notify.ts';
import { askForBundle } from '../state/bundle-check.ts';
import { changeView } from '../state/view.ts';
import css from './drop-target.module.css';

/** What is checked, and not imported. */
const BUNDLE_ENDING = '.backtrail-case';

export function DropTarget() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event) || --depth > 0) return;
      depth = 0;
      setOver(false);
    };
    const allow = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const bundle = [...event.dataTransfer.files].find(({ name }) => name.endsWith(BUNDLE_ENDING));
      if (bundle) {
        changeView({ screen: 'cases' });
        askForBundle(bundle);
        return;
      }
      const files = filesOfDrop(event.dataTransfer);
      changeView({ screen: 'sources' });
      files.then((found) => importFiles(found)).catch(showError);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: allow, drop } as const;
    for (const [name, listener] of Object.entries(listeners))
      globalThis.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) {
        globalThis.removeEventListener(name, listener as EventListener);
      }
    };
  }, []);
  if (!over) return null;
  return (
    <div className={css['veil']}>
      <div className={css['sign']}>
        <IconFileImport size={44} stroke={1.3} aria-hidden />
        <strong>Drop to import</strong>
        <span className="dim">
          nfcapd, flow-tools, IPFIX, pcap, pcapng, CSV, packed or not, mixed, and whole folders
        </span>
      </div>
    </div>
  );
}
