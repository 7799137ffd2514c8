/** Files from the browser's dialog, and the sample case in one click. */
import { Button, FileButton, TextInput } from '@mantine/core';
import { IconFiles, IconFolder, IconTable } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { filesOfList } from '../../link/dropped-files.ts';
import { importFiles } from '../../link/uploads.ts';
import { OpenSample } from '../../parts/OpenSample.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { MappingDialog } from './MappingDialog.tsx';
import css from './sources.module.css';

export function AddFiles() {
  const [site, setSite] = useState('');
  const folder = useRef<HTMLInputElement>(null);
  // Without it the same file chosen twice would be no change to the browser.
  const forget = useRef<() => void>(null);
  const forgetTable = useRef<() => void>(null);
  const placement = site.trim() === '' ? {} : { site: site.trim() };
  const [table, setTable] = useState<File>();
  const take = (files: Iterable<File> | null) => {
    if (files) void importFiles(filesOfList(files), placement);
  };
  return (
    <div className={css['block']}>
      <Panel title="Flow files">
        <div className={css['drop']}>
          <strong>Drop files or folders anywhere on the window</strong>
          <span className="dim">
            nfcapd, flow-tools, IPFIX, pcap, pcapng, CSV; gzip, bzip2, zip; mixed as they come. They are read
            as what they are, whatever they are named.
          </span>
          <div className={css['buttons']}>
            <FileButton
              multiple
              resetRef={forget}
              onChange={(files) => {
                take(files);
                forget.current?.();
              }}
            >
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconFiles size={15} aria-hidden />}>
                  Choose files
                </Button>
              )}
            </FileButton>
            <Button
              variant="default"
              leftSection={<IconFolder size={15} aria-hidden />}
              onClick={() => folder.current?.click()}
            >
              Choose a folder
            </Button>
            <FileButton
              onChange={(file) => setTable(file ?? undefined)}
              resetRef={forgetTable}
              accept=".csv,.tsv,.txt,.json,.jsonl,text/*"
            >
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconTable size={15} aria-hidden />}>
                  Map a table
                </Button>
              )}
            </FileButton>
            <input
              ref={folder}
              type="file"
              hidden
              aria-hidden
              tabIndex={-1}
              data-testid="folder-input"
              {...{ webkitdirectory: '' }}
              onChange={(event) => {
                take(event.currentTarget.files);
                event.currentTarget.value = '';
              }}
            />
          </div>
        </div>
        <TextInput
          label="Site of the exporters in chosen files"
          description="Where the same private address is the same machine. Left empty, each exporter is a site of its own."
          placeholder="Frankfurt"
          value={site}
          onChange={(event) => setSite(event.currentTarget.value)}
          mt="sm"
        />
        <div className={css['sample']}>
          <div>
            <strong>The sample case</strong>
            <div className="dim">
              A login through three machines on three continents, recorded at four sites.
            </div>
          </div>
          <OpenSample />
        </div>
      </Panel>
      {table && (
        <MappingDialog
          file={table}
          onImport={(mapping) => void importFiles(filesOfList([table]), { ...placement, mapping })}
          onClose={() => {
            setTable(undefined);
            forgetTable.current?.();
          }}
        />
      )}
    </div>
  );
}
