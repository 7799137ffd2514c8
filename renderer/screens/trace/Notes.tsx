/** What bounds the answer: the engine's notes in full, the clocks that were corrected, and weaker evidence as such. */
import { Panel } from '../../parts/Panel.tsx';
import type { TraceResult } from '../../../core/model/trace-result.ts';
import type { VolumeEvidence } from '../../../core/model/volume-evidence.ts';
import { formatSpan } from '../../parts/format.ts';
import { connectionText, eText } from './trace-words.ts';
import css from './trace.module.css';

export function Notes({ result }: { readonly result: TraceResult }) {
  const { notes, clocks, volume, candidates } = result;
  const rhythms = candidates.filter(
    ({ verdict, cpf }) => verdict === 'indistinguishable' && cpf > 0.8,
  ).length;
  const strangers = candidates.filter(({ verdict, cpf }) => verdict === 'unrelated' && cpf > 0.8).length;
  return (
    <Panel title="What bounds this answer" scrolls>
      <ul className={css['notes']} data-testid="notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
        {rhythms + strangers > 0 && (
          <li>
            {rhythms + strangers} unrelated{' '}
            {rhythms + strangers === 1 ? 'connection scores' : 'connections score'} above 0.8 on CPF alone.
          </li>
        )}
        {clocks
          .filter(({ offsetMs }) => Math.abs(offsetMs) >= 1)
          .map(({ exporter, offsetMs, offsetErrorMs, tiedBy }) => (
            <li key={`${exporter} clock`}>
              The clock of {exporter} ran {formatSpan(Math.abs(offsetMs))} {offsetMs > 0 ? 'ahead' : 'behind'}
              {offsetErrorMs !== null && ` (± ${formatSpan(offsetErrorMs)})`}: corrected in all times here
              {tiedBy === null && ', though nothing ties it to another clock'}.
            </li>
          ))}
      </ul>
      {volume && <Volume volume={volume} />}
    </Panel>
  );
}

function Volume({ volume }: { readonly volume: VolumeEvidence }) {
  const carried = volume.candidates.filter(({ verdict }) => verdict === 'carries');
  return (
    <section className={css['volume']} aria-label="Volume evidence">
      <h3>
        Weaker evidence: volume <span className="dim">never mixed with the silences</span>
      </h3>
      {carried.length === 0 && <p>No connection carried about as much when the target did.</p>}
      <ul className={css['notes']}>
        {carried.map(({ connection, eValue, totalsRatio, correlation, entersHost }) => (
          <li key={connectionText(connection)}>
            <span className="mono">{connectionText(connection)}</span> carried {totalsRatio.toFixed(2)} times
            as much
            {correlation !== null && `, correlation ${correlation.toFixed(2)}`}, E {eText(eValue)}
            {entersHost && '; it entered the host that the target left from'}.
          </li>
        ))}
        {volume.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}
