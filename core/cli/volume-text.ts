/** Volume evidence in words, apart from the path that silences show. */
import type { VolumeCandidate, VolumeEvidence } from '../model/volume-evidence.ts';
import { formatTable } from './table.ts';
import { connectionText } from './wrap-text.ts';

const CANDIDATES_SHOWN = 8;

/** Lines for a section of a trace; none where no volume was compared. */
export function volumeLines(volume: VolumeEvidence | undefined): string[] {
  if (!volume || volume.candidates.length === 0) return [];
  const table = formatTable(
    [
      { title: 'Connection' },
      { title: 'E-value', align: 'right' },
      { title: 'Octets', align: 'right' },
      { title: 'Correlation', align: 'right' },
      { title: 'Furthest apart', align: 'right' },
      { title: 'Verdict' },
    ],
    volume.candidates.slice(0, CANDIDATES_SHOWN).map((candidate) => volumeRow(candidate)),
  );
  return [
    'BY VOLUME ONLY, WEAKER EVIDENCE THAN SILENCES',
    '',
    ...table.trimEnd().split('\n'),
    ...volume.notes.map((note) => `- ${note}`),
    '',
  ];
}

function volumeRow(candidate: VolumeCandidate): string[] {
  const { connection, eValue, totalsRatio, correlation, cumulativeGap, verdict, entersHost } = candidate;
  return [
    connectionText(connection),
    eValue.toExponential(0),
    `x ${totalsRatio.toFixed(2)}`,
    correlation?.toFixed(2) ?? '-',
    `${(cumulativeGap * 100).toFixed(0)} %`,
    verdict === 'unrelated' ? 'unrelated' : entersHost ? 'carries as much, into its host' : 'carries as much',
  ];
}
