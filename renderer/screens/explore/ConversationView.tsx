/** What two endpoints said to each other: both directions, who saw it, when it spoke and when it was silent. */
import { Button } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import type { Conversation, FlowRow } from '../../../core/model/query.ts';
import { epochMs } from '../../../core/model/time.ts';
import { useCall } from '../../link/use-call.ts';
import { Facts, type Fact } from '../../parts/Facts.tsx';
import { EmptyNote, ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { formatBytes, formatCount, formatSpan, formatStamp } from '../../parts/format.ts';
import { changeView } from '../../state/view.ts';
import { ActivityStrip } from './ActivityStrip.tsx';
import { useFlowList } from './use-flow-list.ts';
import css from './explore.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

/** How far around the flow its connection is looked for, ms: logins last hours. */
const REACH = 12 * 3_600_000;
/** Records that the strip is drawn from. */
const STRIP_RECORDS = 200;

/** Both directions between two endpoints, in the filter language. */
function conversationFilter(flow: FlowRow): string {
  const { source, sourcePort, destination, destinationPort, protocol } = flow;
  const way = (a: string, ap: number, b: string, bp: number) =>
    `(src ip ${a} and src port ${ap} and dst ip ${b} and dst port ${bp})`;
  const ways = `${way(source, sourcePort, destination, destinationPort)} or ${way(destination, destinationPort, source, sourcePort)}`;
  return `proto ${protocol} and (${ways})`;
}

const openedWords: Readonly<Record<Conversation['openedBy'][number], string>> = {
  flags: 'the flags',
  start: 'who sent first',
  port: 'the ports',
  'first-seen': 'the order in which the records came',
};

export function ConversationView({ flow }: { readonly flow: FlowRow }) {
  const filter = conversationFilter(flow);
  const middle = flow.startMs ?? flow.endMs;
  const range = useMemo(
    () => (middle === null ? {} : { from: epochMs(middle - REACH), to: epochMs(middle + REACH) }),
    [middle],
  );
  const { data, error, isLoading, retry } = useCall('query.conversations', {
    ...range,
    filter,
    by: 'bytes',
    limit: 1,
  });
  const records = useFlowList(
    { ...range, filter, sort: 'start', descending: false, everyObservation: true },
    true,
  );
  const { show } = records;
  const count = Math.min(records.opened?.total ?? 0, STRIP_RECORDS);
  useEffect(() => {
    if (count > 0) show(0, count);
  }, [count, show]);
  const rows = Array.from({ length: count }, (_, i) => records.rowAt(i)).filter((row) => row !== undefined);

  if (error) return <ErrorNote error={error} onRetry={retry} />;
  if (isLoading) return <LoadingNote lines={8} />;
  const [conversation] = data?.conversations ?? [];
  if (!conversation) return <EmptyNote title="No connection was found around this flow." />;
  return (
    <>
      <Facts facts={conversationFacts(conversation)} />
      <h3 className={css['drawerSection']}>
        Activity{' '}
        <span className="dim">{formatCount(records.opened?.total ?? 0)} records, every observation</span>
      </h3>
      <ActivityStrip
        rows={rows}
        client={formatEndpoint(conversation.client, conversation.clientPort)}
        startMs={conversation.startMs}
        endMs={conversation.endMs}
      />
      {(records.opened?.total ?? 0) > STRIP_RECORDS && (
        <p className="dim">The strip shows the first {STRIP_RECORDS} records.</p>
      )}
      <Button
        mt="sm"
        variant="default"
        leftSection={<IconFilter size={14} aria-hidden />}
        onClick={() =>
          changeView({
            filter,
            range: { from: conversation.startMs, to: conversation.endMs + 1 },
            window: null,
          })
        }
      >
        Show only this connection
      </Button>
    </>
  );
}

function conversationFacts(conversation: Conversation): Fact[] {
  const { toServer, toClient, openedBy, certainty, exporters, startMs, endMs } = conversation;
  const amount = (counts: Conversation['toServer']) =>
    `${formatBytes(counts.bytes)} · ${formatCount(counts.packets)} packets · ${formatCount(counts.flows)} flows`;
  const reason =
    openedBy.length === 0
      ? 'not known: a coin’s toss'
      : `${openedBy.map((why) => openedWords[why]).join(', ')}; certainty ${Math.round(certainty * 100)}\u00A0%`;
  return [
    ['client', formatEndpoint(conversation.client, conversation.clientPort)],
    ['server', formatEndpoint(conversation.server, conversation.serverPort)],
    ['why the client', reason],
    ['from, UTC', formatStamp(startMs)],
    ['to, UTC', formatStamp(endMs)],
    ['lasted', formatSpan(endMs - startMs)],
    ['to the server', amount(toServer)],
    ['to the client', amount(toClient)],
    ['seen by', exporters.join(', ') || conversation.site],
  ];
}
