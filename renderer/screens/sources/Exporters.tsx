/** The exporters of the store and the site each stands at. */
import { Button, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import type { ExporterInfo } from '../../../core/wire/contract-workspace.ts';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { DataTable, type Column } from '../../parts/DataTable.tsx';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatCount } from '../../parts/format.ts';
import { showError } from '../../parts/notify.ts';
import css from './sources.module.css';

const columns = (assigned: () => void): readonly Column<ExporterInfo>[] => [
  {
    id: 'address',
    title: 'Exporter',
    width: 190,
    mono: true,
    cell: (exporter) => exporter.address || 'not told by the file',
  },
  {
    id: 'site',
    title: 'Site',
    width: 200,
    cell: (exporter) => <SiteCell exporter={exporter} onAssigned={assigned} />,
    text: (exporter) => exporter.site,
  },
  {
    id: 'port',
    title: 'Port',
    width: 70,
    align: 'right',
    mono: true,
    cell: (exporter) => exporter.port ?? '',
  },
  {
    id: 'domain',
    title: 'Domain',
    about: 'Observation domain (RFC 7011)',
    width: 90,
    align: 'right',
    mono: true,
    cell: (exporter) => exporter.observationDomainId,
    text: (exporter) => String(exporter.observationDomainId),
  },
  {
    id: 'flows',
    title: 'Flows heard',
    about: 'Flows that a live collector heard from it',
    width: 110,
    align: 'right',
    mono: true,
    cell: (exporter) => (exporter.account ? formatCount(exporter.account.flows) : <None />),
  },
  {
    id: 'lost',
    title: 'Lost',
    about: 'Units that its sequence numbers miss',
    width: 80,
    align: 'right',
    mono: true,
    cell: (exporter) => (exporter.account ? formatCount(exporter.account.lost) : <None />),
  },
];

/** It was never collected from here: its flows came in files. */
const None = () => <span className="dim">–</span>;

export function Exporters() {
  const { data, error, isLoading, retry } = useCall('workspace.exporters', {});
  const hasStore = useWorkspace((workspace) => workspace.status?.store !== null);
  const exporters = data?.exporters ?? [];
  return (
    <Panel
      title="Exporters and their sites"
      flush
      tools={exporters.length > 0 && <span>A private address means one machine within its site.</span>}
    >
      {error && !data ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : isLoading && hasStore ? (
        <LoadingNote lines={3} />
      ) : exporters.length === 0 ? (
        <EmptyNote title="No exporter is known yet.">
          The routers and probes that told of the flows stand here. Give each its site: the same private
          address at two sites is two machines.
        </EmptyNote>
      ) : (
        <DataTable
          name="exporters"
          label="Exporters"
          columns={columns(retry)}
          rows={exporters.length}
          rowAt={(index) => exporters[index]}
        />
      )}
    </Panel>
  );
}

interface SiteCellProps {
  readonly exporter: ExporterInfo;
  readonly onAssigned: () => void;
}

function SiteCell({ exporter, onAssigned }: SiteCellProps) {
  const [opened, setOpened] = useState(false);
  const [site, setSite] = useState(exporter.site);
  const assign = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await core.call('workspace.assignSite', { address: exporter.address, site });
      setOpened(false);
      onAssigned();
    } catch (cause) {
      showError(cause);
    }
  };
  const name = exporter.siteNamed ? exporter.site : <span className="dim">its own</span>;
  if (exporter.address === '') return name;
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-start">
      <Popover.Target>
        <UnstyledButton
          className={css['site']}
          aria-label={`Site of ${exporter.address}: ${exporter.site}`}
          onClick={(event) => {
            event.stopPropagation();
            setSite(exporter.siteNamed ? exporter.site : '');
            setOpened(!opened);
          }}
        >
          {name} <IconPencil size={12} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => event.stopPropagation()}
      >
        <form className={css['assign']} onSubmit={(event) => void assign(event)}>
          <TextInput
            label={`Site of ${exporter.address}`}
            value={site}
            onChange={(event) => setSite(event.currentTarget.value)}
            data-autofocus
          />
          <Button type="submit" disabled={site.trim() === ''}>
            Assign
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
