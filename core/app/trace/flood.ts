/** Traces a flood in a store to the interfaces by which it entered. */
import { ApiError } from '../../model/api-error.ts';
import { parseAddress } from '../../model/address.ts';
import type { FloodQuestion, FloodTrace } from '../../model/flood-trace.ts';
import { formatTime } from '../../model/time.ts';
import { samplingScale } from '../../query/sampling-scale.ts';
import { Store } from '../../store/store.ts';
import { FloodMeter } from '../../trace/flood.ts';

/** Windows that a baseline may have, a week of minutes. */
const MOST_WINDOWS = 10_080;

/**
 * Answers from the store in `folder`; holds what the answer needs, whatever the store's size. Throws ApiError: `usage`,
 * `no-store`, `outside-archive`. What is damaged in the store is told in the notes.
 */
export function traceFlood(folder: string, question: FloodQuestion): FloodTrace {
  checkQuestion(question);
  using store = Store.open(folder, { create: false });
  const range = store.timeRange();
  if (!range) throw new ApiError('outside-archive', `The store ${folder} holds no flows; import some first.`);
  if (question.at < range.start || question.at > range.end) {
    throw new ApiError(
      'outside-archive',
      `${formatTime(question.at)} lies outside the store, whose flows run from ${formatTime(range.start)} to ${formatTime(range.end)}.`,
    );
  }
  const meter = new FloodMeter(question);
  const damages: string[] = [];
  let unknownSampling = 0;
  for (const batch of store.scan({ ...meter.span, onDamage: ({ message }) => damages.push(message) })) {
    const scale = samplingScale(batch);
    unknownSampling += scale?.unknown ?? 0;
    meter.add(batch, scale?.factors);
  }
  const trace = meter.finish();
  const unscaled =
    unknownSampling > 0
      ? [
          `${unknownSampling} flows were sampled at a rate that no record tells: they count as they are, which is too little.`,
        ]
      : [];
  return { ...trace, notes: [...trace.notes, ...unscaled, ...damages] };
}

function checkQuestion({ target, windowMs, baselineMs }: FloodQuestion): void {
  const bits = (parseAddress(target.address)?.length ?? 0) * 8;
  if (bits === 0 || !Number.isInteger(target.length) || target.length < 0 || target.length > bits) {
    throw new ApiError('usage', 'Name the target as an address, or a network such as 192.0.2.0/24.');
  }
  if (windowMs < 1000 || baselineMs < windowMs || baselineMs / windowMs > MOST_WINDOWS) {
    throw new ApiError(
      'usage',
      `The baseline must hold between one window and ${MOST_WINDOWS.toLocaleString('en')}; choose a longer --window or a shorter --baseline.`,
    );
  }
}
