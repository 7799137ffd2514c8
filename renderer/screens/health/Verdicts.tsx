/** The answer first: what is wrong with the evidence, each in a word and a number. */
import { IconAlertTriangle, IconCircleCheck, IconCircleDotted, type TablerIcon } from '@tabler/icons-react';
import { formatCount, formatSpan } from '../../parts/format.ts';
import { lossOf, type Health } from './use-health.ts';
import css from './health.module.css';

interface Verdict {
  readonly key: string;
  readonly tone: 'good' | 'bad' | 'quiet';
  readonly value: string;
  readonly what: string;
}

const icons: Readonly<Record<Verdict['tone'], TablerIcon>> = {
  good: IconCircleCheck,
  bad: IconAlertTriangle,
  quiet: IconCircleDotted,
};

export function Verdicts({ health }: { readonly health: Health }) {
  return (
    <ul className={css['verdicts']} aria-label="Health in short">
      {verdictsOf(health).map(({ key, tone, value, what }) => {
        const Icon = icons[tone];
        return (
          <li key={key} data-tone={tone} data-testid={`health-${key}`}>
            <Icon size={16} stroke={1.7} aria-hidden />
            <b>{value}</b> <span>{what}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** ms: beyond it the times of an exporter mislead whoever reads them as they are. */
const LARGE_SKEW = 2000;

/** What the stored flows tell is said once they were read. */
function verdictsOf(health: Health): Verdict[] {
  return allVerdicts(health).map((verdict) => {
    const what = readingWords[verdict.key];
    const isOpen = health.isReading && verdict.tone !== 'bad' && what !== undefined;
    return isOpen ? { ...verdict, tone: 'quiet', value: '…', what } : verdict;
  });
}

const readingWords: Readonly<Record<string, string>> = {
  loss: 'export loss: being read',
  clock: 'clock offsets: being read',
  sampled: 'sampling: being read',
  store: 'store: being read',
};

function allVerdicts(health: Health): Verdict[] {
  const { exporters, sources, collector, damages } = health;
  const losses = exporters.map(lossOf);
  const lossy = losses.filter((loss) => loss !== null && loss.lost > 0).length;
  const blind = losses.filter((loss) => loss === null).length;
  const isUnread = exporters.some(({ account, stored }) => !account && !stored);
  const worst = Math.max(0, ...losses.map((loss) => loss?.share ?? 0));
  const sampled = exporters.filter((one) => samplingOf(one) > 1).length;
  const offsets = exporters.flatMap((one) => one.account?.clockOffsetMs ?? one.stored?.clockOffsetMs ?? []);
  const skew = Math.max(0, ...offsets.map((offset) => Math.abs(offset)));
  const issues =
    sources.reduce((sum, source) => sum + sumOf(source.issues), 0) +
    (collector ? sumOf(collector.issues) : 0);
  const unfinished = sources.filter(({ state, live }) => state === 'importing' && !live).length;
  const drops = (collector?.listeners ?? []).reduce((sum, one) => sum + (one.kernelDrops ?? 0), 0);
  const left = drops + (collector?.overrun ?? 0);
  return [
    {
      key: 'loss',
      tone: lossy > 0 ? 'bad' : isUnread || blind === exporters.length ? 'quiet' : 'good',
      value:
        lossy > 0
          ? `${(worst * 100).toFixed(worst < 0.1 ? 2 : 1)} %`
          : blind === exporters.length
            ? '–'
            : 'none',
      what:
        lossy > 0
          ? `export loss at worst, ${lossy} of ${exporters.length} exporters lossy`
          : blind > 0 && blind === exporters.length
            ? 'export loss: no exporter can tell'
            : blind > 0
              ? `export loss seen; ${blind} of ${exporters.length} exporters cannot tell`
              : 'export loss',
    },
    {
      key: 'clock',
      tone: skew > LARGE_SKEW ? 'bad' : offsets.length === 0 ? 'quiet' : 'good',
      value: offsets.length === 0 ? '–' : formatSpan(skew),
      what: 'worst clock offset',
    },
    {
      key: 'sampled',
      tone: sampled > 0 ? 'bad' : 'good',
      value: String(sampled),
      what: sampled === 1 ? 'exporter samples' : 'exporters sample',
    },
    { key: 'issues', tone: issues > 0 ? 'bad' : 'good', value: formatCount(issues), what: 'decode issues' },
    {
      key: 'drops',
      tone: left > 0 ? 'bad' : collector ? 'good' : 'quiet',
      value: collector ? formatCount(left) : '–',
      what: 'datagrams dropped here',
    },
    {
      key: 'store',
      tone: damages.length + unfinished > 0 ? 'bad' : 'good',
      value: damages.length + unfinished > 0 ? String(damages.length + unfinished) : 'sound',
      what:
        damages.length + unfinished > 0
          ? `damaged parts (${damages.length}) and unfinished imports (${unfinished})`
          : 'store, as far as it was read',
    },
  ];
}

export const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** One packet in this many. */
export const samplingOf = ({ account, stored }: Health['exporters'][number]): number =>
  Math.max(account?.sampling ?? 1, stored?.samplingInterval ?? 1);
