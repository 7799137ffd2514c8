/** What a collector says to people. */
import type { Collection, CollectStatus } from '../app/collect/collect.ts';
import { formatTime } from '../model/time.ts';
import { formatBytes } from './progress.ts';
import { formatTable } from './table.ts';
import { counted } from '../model/text.ts';

/** Exporters on a screen of usual height. */
const SCREEN_ROWS = 15;

/** So many datagrams wait now and then without meaning anything. */
const BEHIND = 1000;

/** How it begins: where it listens, and what it found. */
export function startSentences(collection: Collection): string[] {
  const { urls, warnings, previous, unread, reloadedTemplates } = collection;
  const sentences = [`Listening at ${urls.join(', ')}.`, ...warnings];
  if (previous) {
    const how =
      previous.ended === null
        ? `was cut off after ${formatTime(previous.lastSeen)}`
        : `was ended at ${formatTime(previous.ended)}`;
    sentences.push(`The last collection here ${how}; ${counted(previous.rows, 'flow')} of it are stored.`);
  }
  if (unread > 0) {
    sentences.push(`${counted(unread, 'datagram')} that it had received and not yet read are read now.`);
  }
  if (reloadedTemplates > 0) sentences.push(`${counted(reloadedTemplates, 'template')} known from before.`);
  return sentences;
}

/** One line: what came, what is stored, what was lost. */
export function shortStatus(status: CollectStatus): string {
  const parts = [
    `${counted(status.flows, 'flow')} (${status.flowsPerSecond}/s)`,
    counted(status.datagrams, 'datagram'),
    counted(status.exporterCount, 'exporter'),
    `${status.storedFlows} flows stored`,
    formatBytes(status.storeBytes),
    ...troubles(status),
  ];
  return `${parts.join(', ')}.`;
}

/** The whole state, for a terminal. */
export function statusScreen(status: CollectStatus, { urls }: Collection): string {
  const table = formatTable(
    [
      { title: 'Exporter' },
      { title: 'v', align: 'right' },
      { title: 'Datagrams', align: 'right' },
      { title: 'Flows', align: 'right' },
      { title: 'Lost', align: 'right' },
      { title: 'Reordered', align: 'right' },
      { title: 'Restarts', align: 'right' },
      { title: 'Waits', align: 'right' },
      { title: 'Sampling', align: 'right' },
      { title: 'Clock', align: 'right' },
    ],
    status.exporters
      .slice(0, SCREEN_ROWS)
      .map((exporter) => [
        `${exporter.address}${exporter.port === null ? '' : ` port ${exporter.port}`} domain ${exporter.observationDomainId}`,
        String(exporter.version),
        String(exporter.datagrams),
        String(exporter.flows),
        String(exporter.lost),
        String(exporter.reordered),
        String(exporter.restarts),
        String(exporter.templateWaits),
        exporter.sampling === null ? '' : `1:${exporter.sampling}`,
        exporter.clockOffsetMs === null ? '' : `${(exporter.clockOffsetMs / 1000).toFixed(1)} s`,
      ]),
  );
  const more =
    status.exporterCount > SCREEN_ROWS ? `... and ${status.exporterCount - SCREEN_ROWS} more\n` : '';
  return `${urls.join(' ')}\n${shortStatus(status)}\n\n${table}${more}`;
}

function troubles(status: CollectStatus): string[] {
  const kernel = status.listeners.reduce((sum, listener) => sum + (listener.kernelDrops ?? 0), 0);
  const lost = status.exporters.reduce((sum, exporter) => sum + exporter.lost, 0);
  const issues = Object.values(status.issues).reduce((sum, count) => sum + count, 0);
  const found: string[] = [];
  if (lost > 0) found.push(`${lost} lost by sequence numbers`);
  if (status.backlog.datagrams > BEHIND) {
    const { datagrams, oldestReceived } = status.backlog;
    const behind =
      oldestReceived === null ? '' : ` (${((status.time - oldestReceived) / 1000).toFixed(1)} s behind)`;
    found.push(`${counted(datagrams, 'datagram')} wait to be read${behind}`);
  }
  if (kernel > 0) found.push(`${counted(kernel, 'datagram')} dropped by the kernel`);
  if (status.overrun > 0)
    found.push(`${counted(status.overrun, 'datagram')} left: there was no room for them`);
  if (status.refused > 0) found.push(`${counted(status.refused, 'datagram')} refused`);
  if (status.refusedExporters > 0)
    found.push(`${counted(status.refusedExporters, 'datagram')} of too many new exporters refused`);
  if (issues > 0) found.push(counted(issues, 'decode issue'));
  if (status.problem !== null) found.push(status.problem);
  return found;
}
