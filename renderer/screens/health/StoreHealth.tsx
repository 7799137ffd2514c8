/** What the store takes and what of it is damaged or unfinished. */
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { EmptyNote, ErrorNote, LoadingNote, Panel } from '../../parts/Panel.tsx';
import { formatBytes, formatCount } from '../../parts/format.ts';
import css from './health.module.css';

const COLUMNS_SHOWN = 12;

export function StoreHealth() {
  const hasStore = useWorkspace((workspace) => workspace.revision !== undefined);
  const folder = useWorkspace((workspace) => workspace.status?.store?.folder);
  const { data, error, isLoading, retry } = useCall('health.storage', {});
  const flows = data?.days.reduce((sum, day) => sum + day.flows, 0) ?? 0;
  const bytes = data?.days.reduce((sum, day) => sum + day.bytes, 0) ?? 0;
  const stored = data?.columns.reduce((sum, column) => sum + column.stored, 0) ?? 0;
  return (
    <Panel
      title="Store"
      scrolls
      tools={
        <span className="truncate" title={folder}>
          {flows > 0 && `${formatBytes(bytes)} · ${(bytes / flows).toFixed(1)} bytes a flow on disk`}
        </span>
      }
    >
      {!hasStore ? (
        <EmptyNote title="No store is open yet." />
      ) : error ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : isLoading || !data ? (
        <LoadingNote lines={4} />
      ) : (
        <div className={css['store']}>
          <table className={css['plain']}>
            <caption>By day</caption>
            <thead>
              <tr>
                <th scope="col">Day (UTC)</th>
                <th scope="col">Flows</th>
                <th scope="col">On disk</th>
                <th scope="col">Segments</th>
                <th scope="col" title="Flows of the smallest, the middle and the largest segment">
                  Flows each
                </th>
              </tr>
            </thead>
            <tbody>
              {data.days.map(({ day, flows: count, bytes: size, segments, segmentFlows }) => (
                <tr key={day}>
                  <td className="mono">{day}</td>
                  <td>{formatCount(count)}</td>
                  <td>{formatBytes(size)}</td>
                  <td>{formatCount(segments)}</td>
                  <td>{segmentFlows?.map((one) => formatCount(one)).join(' / ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <table className={css['plain']}>
            <caption>By column, the largest</caption>
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">Stored</th>
                <th scope="col">Share</th>
                <th scope="col" title="Bytes before compression over bytes stored">
                  Packed
                </th>
              </tr>
            </thead>
            <tbody>
              {data.columns.slice(0, COLUMNS_SHOWN).map(({ name, stored: size, plain }) => (
                <tr key={name}>
                  <td className="mono">{name}</td>
                  <td>{formatBytes(size)}</td>
                  <td>{((100 * size) / Math.max(1, stored)).toFixed(0)} %</td>
                  <td>{size > 0 ? `${(plain / size).toFixed(1)} ×` : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
