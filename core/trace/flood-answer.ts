/** From what was measured to an answer: entry points by what they carried above the usual, and how sure that is. */
import { range } from '../math/statistics.ts';
import type {
  FloodAmount,
  FloodEntry,
  FloodMeasure,
  FloodPart,
  FloodQuestion,
  FloodSources,
  FloodTrace,
} from '../model/flood-trace.ts';
import type { Compared, Inlet, Witness } from './flood.ts';
import { deviationsAbove, findBaseline, findRise, FloodSeries, type Windows } from './flood-series.ts';
import { containment, SourceTally } from './flood-sources.ts';
import { findLoss } from './loss.ts';

/** Deviations above the mean from which on a rise is one. */
const RISE = 3;
const ENTRIES_SHOWN = 100;
const PARTS_SHOWN = 10;
/** Parts below this share of an entry are not named. */
const LEAST_SHARE = 0.01;
/** Flows of one exporter that another saw too, from which on they lie on one path. */
const SAME_PATH = 0.5;

/** One exporter's inlets, and when its traffic to the target rose. */
interface Place {
  readonly witness: Witness;
  readonly inlets: readonly Inlet[];
  readonly rise: number;
}

export function answerFlood(
  question: FloodQuestion,
  windows: Windows,
  inlets: readonly Inlet[],
  witnesses: readonly Witness[],
): FloodTrace {
  const places = [...Map.groupBy(inlets, ({ witness }) => witness)].map(([witness, list]): Place => {
    const all = new FloodSeries(windows.count);
    for (const { series } of list) all.addAll(series);
    return { witness, inlets: list, rise: findRise(all.packets, witness.covered) };
  });
  const measure = chooseMeasure(places);
  const entries = places
    .flatMap((place) => placeEntries(place, measure))
    .toSorted((a, b) => b.entry.excess - a.entry.excess)
    .slice(0, ENTRIES_SHOWN);
  const named = new Set(entries.map(({ inlet }) => inlet));
  const sources = entries[0]?.entry.sources ?? new SourceTally().judge();
  const rises = places
    .filter(({ inlets: list }) => list.some((inlet) => named.has(inlet)))
    .map(({ rise }) => rise);
  const opens = windows.end - windows.count * windows.lengthMs;
  const shown = entries.map(({ entry }) => entry);
  const text = `${question.target.address}/${question.target.length}`;
  return {
    target: text,
    windowStartMs: windows.end - windows.lengthMs,
    windowEndMs: windows.end,
    risesAtMs: rises.length > 0 ? opens + range(rises).least * windows.lengthMs : null,
    measure,
    entries: shown,
    sources,
    ...conclude(text, shown, sources, measure),
    notes: describeLimits(places, shown, sources, witnesses, windows),
  };
}

/** Packets, unless the octets rose by the larger factor. */
function chooseMeasure(places: readonly Place[]): FloodMeasure {
  const rose = (measure: FloodMeasure): number => {
    let [now, usual] = [0, 0];
    for (const { inlets, witness, rise } of places) {
      for (const { series } of inlets) {
        now += series[measure].at(-1) ?? 0;
        usual += findBaseline(series, witness.covered, rise)?.mean[measure] ?? 0;
      }
    }
    return usual > 0 ? now / usual : 0;
  };
  return rose('octets') > rose('packets') ? 'octets' : 'packets';
}

function placeEntries(
  { witness, inlets, rise }: Place,
  measure: FloodMeasure,
): { inlet: Inlet; entry: FloodEntry }[] {
  const measured = inlets.map((inlet) => {
    const amount: FloodAmount = {
      packets: inlet.series.packets.at(-1) ?? 0,
      octets: inlet.series.octets.at(-1) ?? 0,
    };
    const baseline = findBaseline(inlet.series, witness.covered, rise);
    const excess = Math.max(0, amount[measure] - (baseline?.mean[measure] ?? 0));
    const deviations = baseline && deviationsAbove(excess, baseline, measure);
    return { inlet, amount, baseline, excess, deviations };
  });
  const above = measured.filter(({ excess, deviations }) => excess > 0 && (deviations ?? RISE) >= RISE);
  const total = above.reduce((sum, { excess }) => sum + excess, 0);
  return above.map(({ inlet, ...figures }) => {
    const sources = inlet.sources.judge();
    const windowsBefore = Math.max(1, figures.baseline?.windows ?? 1);
    const parts = (sums: Compared): FloodPart[] => rankParts(sums, measure, windowsBefore, figures.excess);
    return {
      inlet,
      entry: {
        exporter: witness.exporter.address,
        exporterPort: witness.exporter.port,
        site: witness.site,
        ingressInterface: inlet.ingressInterface,
        ...figures,
        share: figures.excess / total,
        neighbours: parts(inlet.neighbours),
        prefixes: sources.verdict === 'spoofed' ? [] : parts(inlet.prefixes),
        sources,
      },
    };
  });
}

function rankParts(
  { during, before }: Compared,
  measure: FloodMeasure,
  windowsBefore: number,
  excess: number,
): FloodPart[] {
  return [...during.all()]
    .map(([name, sum]) => ({
      name,
      excess: Math.max(0, sum[measure] - (before.get(name)?.[measure] ?? 0) / windowsBefore),
    }))
    .map((part) => ({ ...part, share: Math.min(1, part.excess / excess) }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .toSorted((a, b) => b.excess - a.excess)
    .slice(0, PARTS_SHOWN);
}

function conclude(
  target: string,
  entries: readonly FloodEntry[],
  sources: FloodSources,
  measure: FloodMeasure,
): Pick<FloodTrace, 'confidence' | 'conclusion'> {
  const first = entries[0];
  if (!first) {
    return {
      confidence: 'none',
      conclusion: `Nothing to ${target} rose above the usual in this window: no flood is to be traced.`,
    };
  }
  const where = `${first.exporter || `an exporter of site ${first.site}`}, ${first.ingressInterface === null ? 'input interface unknown' : `input interface ${first.ingressInterface}`}`;
  const what = `${(first.share * 100).toFixed(0)} % of the ${measure} above the usual that this exporter saw entered there`;
  const forged =
    sources.verdict === 'spoofed'
      ? '; the source addresses are forged, so entry points are all that can be named'
      : '';
  if (first.deviations === null) {
    return {
      confidence: 'low',
      conclusion: `Low confidence: nothing was recorded before the flood, so the usual is not known; most came in at ${where} (${what})${forged}.`,
    };
  }
  const sure = first.deviations >= 10 && first.ingressInterface !== null;
  return {
    confidence: sure ? 'high' : 'moderate',
    conclusion: `${sure ? 'High' : 'Moderate'} confidence: ${where} carried ${first.deviations.toFixed(0)} deviations more than before (${what})${forged}.`,
  };
}

function describeLimits(
  places: readonly Place[],
  entries: readonly FloodEntry[],
  sources: FloodSources,
  witnesses: readonly Witness[],
  windows: Windows,
): string[] {
  const notes: string[] = [];
  if (entries.length > 0) {
    notes.push(
      'An entry point is where the flood came into what the exporters see; who sends it lies beyond that interface, with the neighbour there.',
    );
  }
  if (sources.verdict === 'spoofed') {
    notes.push('Source networks are not listed where the addresses are forged: they name no sender.');
  }
  const without = entries.filter(({ baseline }) => baseline === null);
  if (without.length > 0) {
    const names = [...new Set(without.map(({ exporter, site }) => exporter || site))].join(', ');
    notes.push(
      `No baseline: ${names} recorded fewer than three windows before the flood; all of its traffic to the target counts as flood.`,
    );
  }
  if (places.some(({ rise }) => rise <= 1) && entries.some(({ baseline }) => baseline === null)) {
    notes.push(
      'The traffic was as high at the start of what was read: a longer baseline may show what was usual.',
    );
  }
  notes.push(...describePaths(places.filter(({ witness }) => entries.some((entry) => isAt(entry, witness)))));
  if (entries.some(({ ingressInterface }) => ingressInterface === null)) {
    notes.push(
      'Where no input interface is given, the exporter does not report it, and only the exporter can be named.',
    );
  }
  const sampled = witnesses.filter(({ samplingInterval }) => samplingInterval > 1);
  if (sampled.length > 0) {
    const list = sampled.map(
      ({ exporter, samplingInterval }) => `${exporter.address} (1 in ${samplingInterval})`,
    );
    notes.push(
      `Sampled data: ${[...new Set(list)].join(', ')} counted only some packets; figures are scaled up and as rough as the counts are small.`,
    );
  }
  const lossy = witnesses.filter((witness) => lostDatagrams(witness) > 0);
  if (lossy.length > 0) {
    notes.push(
      `Export datagrams were lost during the flood at ${[...new Set(lossy.map(({ exporter }) => exporter.address))].join(', ')}: it carried more than was counted.`,
    );
  }
  if (windows.lengthMs < 30_000) {
    notes.push('The window is shorter than most active timeouts: a flow is spread evenly over its life.');
  }
  return notes;
}

function lostDatagrams({ datagrams }: Witness): number {
  const ordered = datagrams.toSorted((a, b) => a.exportMs - b.exportMs || a.sequence - b.sequence);
  const { windows } = findLoss({
    version: Uint16Array.from(ordered, ({ version }) => version),
    sequence: Float64Array.from(ordered, ({ sequence }) => sequence),
    records: Float64Array.from(ordered, ({ records }) => records),
    flows: Float64Array.from(ordered, ({ flows }) => flows),
    exportMs: Float64Array.from(ordered, ({ exportMs }) => exportMs),
  });
  return windows.length / 2;
}

const isAt = ({ exporter, exporterPort }: FloodEntry, witness: Witness): boolean =>
  exporter === witness.exporter.address && exporterPort === witness.exporter.port;

/** Exporters that saw the same flows stand on one path: each of their shares speaks of the same packets. */
function describePaths(places: readonly Place[]): string[] {
  return places.flatMap((one, i) => {
    const before = places.slice(0, i);
    const shared = (a: Place, b: Place): number => containment(a.witness.flows, b.witness.flows);
    const along = places.filter(
      (other) => other !== one && Math.max(shared(one, other), shared(other, one)) >= SAME_PATH,
    );
    // One sentence for all exporters of a path.
    if (along.length === 0 || before.some((earlier) => along.includes(earlier))) return [];
    const names = [...new Set([one, ...along].map(nameOf))].toSorted().join(', ');
    return [
      `${names} saw the same flows: they stand on one path and count the same packets, so their figures must not be added up.`,
    ];
  });
}

const nameOf = ({ witness: { exporter, site } }: Place): string =>
  exporter.address === ''
    ? `an exporter of site ${site}`
    : `${exporter.address}${exporter.port === null ? '' : `:${exporter.port}`}`;
