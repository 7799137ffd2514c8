/** Everything that was imported or collected into the open store. */
import { Button } from '@mantine/core';
import type { SourceInfo } from '../../../core/wire/contract-workspace.ts';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { KeepInCase } from '../../parts/case/KeepInCase.tsx';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { Tag } from '../../parts/Tag.tsx';
import { formatBytes, formatCount, formatStamp, localTime } from '../../parts/format.ts';
import { changeView } from '../../state/view.ts';
import { contentRemarks, shortName } from './file-words.ts';

const columns: readonly Column<SourceInfo>[] = [
  {
    id: 'keep',
    title: 'Keep',
    about: 'Keeps the file with its hash in the open case',
    width: 48,
    cell: (source) => (
      <KeepInCase
        look="icon"
        what={shortName(source.name)}
        disabled={source.state === 'importing'}
        keep={(note, signal) => core.call('case.keepSource', { source: source.id, note }, { signal })}
      />
    ),
    text: () => '',
  },
  {
    id: 'name',
    title: 'Source',
    width: 230,
    mono: true,
    cell: (source) => <span title={source.name}>{shortName(source.name)}</span>,
    text: (source) => source.name,
  },
  {
    id: 'state',
    title: 'State',
    width: 120,
    cell: (source) => <Tag tone={sourceState(source)[0]}>{sourceState(source)[1]}</Tag>,
    text: (source) => sourceState(source)[1],
  },
  { id: 'kind', title: 'Kind', width: 110, cell: (source) => source.kind ?? '' },
  {
    id: 'flows',
    title: 'Flows',
    width: 100,
    align: 'right',
    mono: true,
    cell: (source) => formatCount(source.flows),
  },
  {
    id: 'bytes',
    title: 'Size',
    width: 85,
    align: 'right',
    mono: true,
    cell: (source) => formatBytes(source.bytes),
  },
  {
    id: 'span',
    title: 'Taken in (UTC)',
    width: 170,
    mono: true,
    cell: (source) => (
      <span title={localTime(source.importedMs)}>{formatStamp(source.importedMs).slice(0, 19)}</span>
    ),
    text: (source) => formatStamp(source.importedMs),
  },
  {
    id: 'remarks',
    title: 'Left out',
    width: 320,
    cell: (source) => (
      <span title={contentRemarks(source).join('\n')}>{contentRemarks(source).join(' · ')}</span>
    ),
    text: (source) => contentRemarks(source).join('; '),
  },
  {
    id: 'sha256',
    title: 'SHA-256',
    width: 190,
    mono: true,
    hidden: true,
    cell: (source) => <span title={source.sha256}>{source.sha256}</span>,
    text: (source) => source.sha256,
  },
];

function sourceState(source: SourceInfo): readonly ['good' | 'bad' | 'busy', string] {
  if (source.live) return source.state === 'importing' ? ['busy', 'live'] : ['good', 'collected'];
  if (source.state === 'importing') return ['busy', 'not complete'];
  return source.brokeAt === null ? ['good', 'complete'] : ['bad', 'breaks off'];
}

export function SourceTable() {
  const { data, error, isLoading, retry } = useCall('workspace.sources', {});
  const hasStore = useWorkspace((workspace) => workspace.status?.store !== null);
  const sources = data?.sources ?? [];
  const flows = sources.reduce((sum, source) => sum + source.flows, 0);
  return (
    <Panel
      title="Sources"
      flush
      tools={
        sources.length > 0 && (
          <>
            <span>
              {formatCount(sources.length)} sources · {formatCount(flows)} flows
            </span>
            <Button size="compact-xs" variant="default" onClick={() => changeView({ screen: 'explore' })}>
              Explore them
            </Button>
          </>
        )
      }
    >
      {error && !data ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : isLoading && hasStore ? (
        <LoadingNote />
      ) : sources.length === 0 ? (
        <EmptyNote title="Nothing is stored yet.">
          Drop flow files on the window, start a collector, or open the sample case: it takes a second. Each
          file stands here then, with its hash and what of it could not be read.
        </EmptyNote>
      ) : (
        <DataTable
          name="sources"
          label="Sources"
          columns={columns}
          rows={sources.length}
          rowAt={(index) => sources[index]}
        />
      )}
    </Panel>
  );
}
