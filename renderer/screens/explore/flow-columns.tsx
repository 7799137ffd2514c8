/** The columns of the flow table. */
import type { FlowRow } from '../../../core/model/query.ts';
import type { Column } from '../../parts/DataTable.tsx';
import {
  formatClock,
  formatCount,
  formatFlags,
  formatProtocol,
  formatSeconds,
  formatStamp,
  localTime,
} from '../../parts/format.ts';

export const durationOf = (flow: FlowRow): number | null =>
  flow.startMs === null || flow.endMs === null ? null : flow.endMs - flow.startMs;

const time = (ms: number | null, withDay: boolean) =>
  ms === null ? (
    <span className="dim">unknown</span>
  ) : (
    <span title={localTime(ms)}>{withDay ? formatStamp(ms) : formatClock(ms)}</span>
  );

const timeText = (ms: number | null): string => (ms === null ? '' : formatStamp(ms));

/** The protocols that have TCP's flags. */
const TCP = 6;

/** `withDay`: the flows are of more than one day. */
export function flowColumns(withDay: boolean): readonly Column<FlowRow>[] {
  const timeWidth = withDay ? 188 : 112;
  const mono = { mono: true } as const;
  const right = { mono: true, align: 'right' } as const;
  return [
    {
      id: 'start',
      title: 'Start',
      about: 'Start: when the flow began, UTC',
      width: timeWidth,
      sortable: true,
      ...mono,
      cell: (flow) => time(flow.startMs, withDay),
      text: (flow) => timeText(flow.startMs),
    },
    {
      id: 'end',
      title: 'End',
      width: timeWidth,
      sortable: true,
      hidden: true,
      ...mono,
      cell: (flow) => time(flow.endMs, withDay),
      text: (flow) => timeText(flow.endMs),
    },
    {
      id: 'duration',
      title: 'Duration s',
      width: 82,
      sortable: true,
      ...right,
      cell: (flow) => {
        const ms = durationOf(flow);
        return ms === null ? '' : formatSeconds(ms);
      },
    },
    { id: 'protocol', title: 'Proto', width: 54, ...mono, cell: (flow) => formatProtocol(flow.protocol) },
    {
      id: 'source',
      title: 'Source',
      width: 128,
      ...mono,
      cell: (flow) => <span title={flow.source}>{flow.source}</span>,
      text: (flow) => flow.source,
    },
    {
      id: 'sourcePort',
      title: 'Port',
      about: 'Source port',
      width: 62,
      ...right,
      cell: (flow) => flow.sourcePort,
    },
    { id: 'destination', title: 'Destination', width: 128, ...mono, cell: (flow) => flow.destination },
    {
      id: 'destinationPort',
      title: 'Port',
      about: 'Destination port',
      width: 62,
      ...right,
      cell: (flow) => flow.destinationPort,
    },
    {
      id: 'flags',
      title: 'Flags',
      about: 'TCP flags: CWR, ECE, URG, ACK, PSH, RST, SYN, FIN',
      width: 82,
      ...mono,
      cell: (flow) => (flow.protocol === TCP ? formatFlags(flow.tcpFlags) : ''),
    },
    {
      id: 'packets',
      title: 'Packets',
      width: 84,
      sortable: true,
      ...right,
      cell: (flow) => formatCount(flow.packets),
    },
    {
      id: 'bytes',
      title: 'Bytes',
      width: 118,
      sortable: true,
      ...right,
      cell: (flow) => formatCount(flow.bytes),
    },
    { id: 'exporter', title: 'Exporter', width: 112, ...mono, cell: (flow) => flow.exporter || flow.site },
    { id: 'site', title: 'Site', width: 106, cell: (flow) => flow.site },
    { id: 'tos', title: 'ToS', width: 56, hidden: true, ...right, cell: (flow) => flow.tos },
    {
      id: 'input',
      title: 'In if',
      about: 'Input interface',
      width: 64,
      hidden: true,
      ...right,
      cell: (flow) => flow.inputInterface,
    },
    {
      id: 'output',
      title: 'Out if',
      about: 'Output interface',
      width: 64,
      hidden: true,
      ...right,
      cell: (flow) => flow.outputInterface,
    },
    { id: 'sourceAs', title: 'Src AS', width: 84, hidden: true, ...right, cell: (flow) => flow.sourceAs },
    {
      id: 'destinationAs',
      title: 'Dst AS',
      width: 84,
      hidden: true,
      ...right,
      cell: (flow) => flow.destinationAs,
    },
    {
      id: 'domain',
      title: 'Domain',
      about: 'Observation domain of the exporter',
      width: 76,
      hidden: true,
      ...right,
      cell: (flow) => flow.observationDomainId,
    },
  ];
}
