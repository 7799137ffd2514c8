/** Everything known of one flow, and of the conversation that it is part of. */
import { Button, CloseButton, SegmentedControl } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { FlowDetail, FlowRow } from '../../../core/model/query.ts';
import { useCall } from '../../link/use-call.ts';
import { ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { Facts, type Fact } from '../../parts/Facts.tsx';
import {
  formatCount,
  formatFlags,
  formatProtocol,
  formatSpan,
  formatStamp,
  localTime,
} from '../../parts/format.ts';
import { traceFlow } from '../../state/trace-question.ts';
import { changeView } from '../../state/view.ts';
import { ConversationView } from './ConversationView.tsx';
import { durationOf } from './flow-columns.tsx';
import css from './explore.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

type Tab = 'flow' | 'conversation';

export function FlowDrawer({ id }: { readonly id: string }) {
  const { data, error, isLoading, retry } = useCall('flows.detail', { flow: id });
  const [tab, setTab] = useState<Tab>('flow');
  const host = useRef<HTMLElement>(null);
  const close = () => changeView({ flow: null });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) changeView({ flow: null });
    };
    globalThis.addEventListener('keydown', onKeyDown);
    return () => globalThis.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <aside ref={host} className={css['side']} aria-label="One flow" data-testid="flow-drawer">
      <div className={css['drawerHead']}>
        <SegmentedControl
          aria-label="What is shown of the flow"
          data={[
            { value: 'flow', label: 'Flow' },
            { value: 'conversation', label: 'Connection' },
          ]}
          value={tab}
          onChange={(value) => setTab(value)}
        />
        <CloseButton aria-label="Close" title="Close (Esc)" onClick={close} />
      </div>
      {error ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : isLoading || !data ? (
        <LoadingNote lines={12} />
      ) : (
        <>
          <h2 className={css['drawerTitle']}>
            <span>{formatEndpoint(data.flow.source, data.flow.sourcePort)}</span>
            <span className="dim">→ {formatEndpoint(data.flow.destination, data.flow.destinationPort)}</span>
          </h2>
          <Button
            mb="sm"
            variant="default"
            leftSection={<IconRoute size={14} aria-hidden />}
            onClick={() => traceFlow(data.flow)}
          >
            Trace from here
          </Button>
          {tab === 'flow' ? <FlowFacts detail={data} /> : <ConversationView flow={data.flow} />}
        </>
      )}
    </aside>
  );
}

const moment = (ms: number | null): string => (ms === null ? 'unknown' : formatStamp(ms));
const hover = (ms: number | null): string | undefined => (ms === null ? undefined : localTime(ms));

function FlowFacts({ detail }: { readonly detail: FlowDetail }) {
  const { flow, datagram, elements, source } = detail;
  return (
    <>
      <Facts facts={flowFacts(flow)} />
      <h3 className={css['drawerSection']}>Exporter and source</h3>
      <Facts
        facts={[
          ['exporter', flow.exporter || 'not told by the file'],
          ['site', flow.site],
          ['observation domain', String(flow.observationDomainId)],
          ['interfaces', `in ${flow.inputInterface}, out ${flow.outputInterface}`],
          ['AS', asText(flow)],
          ['read from', source.name],
          ...(source.offset === null ? [] : [['at byte', formatCount(source.offset)] satisfies Fact]),
        ]}
      />
      <h3 className={css['drawerSection']}>Datagram</h3>
      {datagram ? (
        <Facts
          facts={[
            ['version', datagram.version],
            ['sequence number', formatCount(datagram.sequenceNumber)],
            ['exported, UTC', moment(datagram.exportTimeMs), hover(datagram.exportTimeMs)],
            ['received, UTC', moment(datagram.receivedMs), hover(datagram.receivedMs)],
            ...(datagram.sysUpTimeMs === null
              ? []
              : [['exporter up for', formatSpan(datagram.sysUpTimeMs)] satisfies Fact]),
          ]}
        />
      ) : (
        <p className="dim">The archive keeps no datagram headers.</p>
      )}
      <p className="dim">
        The raw bytes of the record are not stored: what they said is in the elements below.
      </p>
      <h3 className={css['drawerSection']}>Exported elements ({elements.length})</h3>
      <Facts longNames facts={elements.map(({ name, value }) => [name, value] as const)} />
    </>
  );
}

/** The exporter's own numbers; 0 stands for none (IPFIX bgpSourceAsNumber, 16). */
function asText({ sourceAs, destinationAs }: FlowRow): string {
  if (sourceAs === 0 && destinationAs === 0) return 'not told';
  return `${sourceAs === 0 ? 'not told' : sourceAs} → ${destinationAs === 0 ? 'not told' : destinationAs}`;
}

function flowFacts(flow: FlowRow): Fact[] {
  const duration = durationOf(flow);
  return [
    ['protocol', formatProtocol(flow.protocol)],
    ['start, UTC', moment(flow.startMs), hover(flow.startMs)],
    ['end, UTC', moment(flow.endMs), hover(flow.endMs)],
    ['duration', duration === null ? 'unknown' : formatSpan(duration)],
    ['packets', formatCount(flow.packets) || 'not told'],
    ['bytes', formatCount(flow.bytes) || 'not told'],
    ...(flow.protocol === 6 ? [['TCP flags', formatFlags(flow.tcpFlags)] satisfies Fact] : []),
    ['type of service', String(flow.tos)],
  ];
}
