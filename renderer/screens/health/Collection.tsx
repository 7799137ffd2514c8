/** The running collector: what waits, what the kernel dropped, who was refused. */
import type { CollectorStatus } from '../../../core/wire/contract-collect.ts';
import { Facts, type Fact } from '../../parts/Facts.tsx';
import { EmptyNote, Panel } from '../../parts/Panel.tsx';
import { formatBytes, formatCount } from '../../parts/format.ts';
import type { Health } from './use-health.ts';
import css from './health.module.css';

export function Collection({ health: { collector } }: { readonly health: Health }) {
  return (
    <Panel
      title="Collection"
      scrolls
      tools={collector && <span>{formatCount(collector.datagrams)} datagrams</span>}
    >
      {collector ? (
        <Running collector={collector} />
      ) : (
        <EmptyNote title="Nothing is being collected.">
          What an earlier collection heard still stands in the table above.
        </EmptyNote>
      )}
    </Panel>
  );
}

function Running({ collector }: { readonly collector: CollectorStatus }) {
  const { problem, flows, storedFlows, overrun, refused, refusedBy, refusedExporters, exportersEvicted } =
    collector;
  return (
    <>
      {problem !== null && (
        <p role="alert" className={css['bad']}>
          {problem}
        </p>
      )}
      <Facts
        facts={[
          ['waiting to be stored', `${formatCount(Math.max(0, flows - storedFlows))} flows`],
          ['overrun', `${formatCount(overrun)} datagrams came faster than they could be taken`],
          ['refused', `${formatCount(refused)} datagrams of senders that are not allowed`],
          ...(refusedExporters > 0
            ? [['refused exporters', `${formatCount(refusedExporters)}, beyond the limit`] satisfies Fact]
            : []),
          ...(exportersEvicted > 0
            ? [
                [
                  'forgotten',
                  `${formatCount(exportersEvicted)} exporters, to make room for others`,
                ] satisfies Fact,
              ]
            : []),
          ...refusedBy
            .slice(0, 5)
            .map(({ address, datagrams }) => [`from ${address}`, formatCount(datagrams)] satisfies Fact),
        ]}
      />
      <table className={css['plain']}>
        <caption className="visually-hidden">Listeners</caption>
        <thead>
          <tr>
            <th scope="col">Listener</th>
            <th scope="col">Datagrams</th>
            <th scope="col">Kernel drops</th>
            <th scope="col">Buffer</th>
          </tr>
        </thead>
        <tbody>
          {collector.listeners.map(({ url, datagrams, kernelDrops, receiveBuffer, connections }) => (
            <tr key={url}>
              <td className="mono">{url}</td>
              <td>
                {connections === null
                  ? formatCount(datagrams)
                  : `${formatCount(datagrams)} · ${connections} open`}
              </td>
              <td className={(kernelDrops ?? 0) > 0 ? css['bad'] : undefined}>
                {kernelDrops === null ? 'not told' : formatCount(kernelDrops)}
              </td>
              <td>{receiveBuffer === null ? '' : formatBytes(receiveBuffer)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
