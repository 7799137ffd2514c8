/**
 * Does one connection fall silent only where the other is silent?
 *
 * Whoever types into a chain wakes every hop of it, so a silence of the upstream hop lies within one of the downstream
 * hop, whatever else the upstream hop carries; chaff adds activity and breaks the boundaries, but not this (and the other
 * way round for chaff further down). A stranger's silence of length l lies within one of X's by chance with probability
 * pi(l) = sum_i max(0, L_i - l) / W, so each tested silence is worth ln(q / pi) where it is contained and
 * ln((1 - q) / (1 - pi)) where it is not. Neighbouring silences are not independent, so the best of many wrong lags is
 * taken off: what clumps at any lag is no evidence.
 */
import { lowerBound } from '../math/search.ts';
import { MAYBE_LOST, MAYBE_UNSPLIT, type Boundaries } from './population.ts';

export interface Containment {
  readonly nats: number;
  readonly wrongLagNats: number;
  readonly lagMs: number;
  readonly contained: number;
  readonly tested: number;
}

/** Chance that a hop's silence shows as one of the other's, loss and timing taken together. */
const KEPT = 0.95;
/** The same for silences so short that the other exporter may not have split there. */
const KEPT_SHORT = 0.9;
/** Jitter at each end of a silence. */
const MARGIN_MS = 350;
const LAG_STEP_MS = 250;
const REACH_MS = 2000;
const WRONG_FROM_MS = 5000;
const WRONG_TO_MS = 120_000;
const WRONG_STEP_MS = 500;
/** Below this at the best lag the wrong lags are not worth a look. */
const PROMISING_NATS = 6;

/** Tests the silences of `inner` against those of `outer`; `lagMs` runs from outer's time to inner's. */
export function scoreContainment(inner: Boundaries, outer: Boundaries): Containment | undefined {
  let best: { nats: number; contained: number; tested: number; lagMs: number } | undefined;
  for (let lagMs = -REACH_MS; lagMs <= REACH_MS; lagMs += LAG_STEP_MS) {
    const at = containmentAt(inner, outer, lagMs);
    if (!best || at.nats > best.nats) best = { ...at, lagMs };
  }
  if (!best) return undefined;
  const cost = Math.log((2 * REACH_MS) / LAG_STEP_MS);
  let wrong = 0;
  if (best.nats >= PROMISING_NATS) {
    for (let lag = WRONG_FROM_MS; lag <= WRONG_TO_MS; lag += WRONG_STEP_MS) {
      wrong = Math.max(wrong, containmentAt(inner, outer, lag).nats, containmentAt(inner, outer, -lag).nats);
    }
  }
  return { ...best, nats: best.nats - cost - wrong, wrongLagNats: wrong };
}

function containmentAt(
  inner: Boundaries,
  outer: Boundaries,
  lagMs: number,
): { nats: number; contained: number; tested: number } {
  const from = Math.max(outer.start, inner.start - lagMs);
  const to = Math.min(outer.end, inner.end - lagMs);
  const window = to - from;
  let [nats, contained, tested] = [0, 0, 0];
  if (window <= 0) return { nats, contained, tested };
  for (let i = 0; i < inner.count; i++) {
    const begin = (inner.time.E[i] ?? 0) - lagMs + MARGIN_MS;
    const end = (inner.time.S[i] ?? 0) - lagMs - MARGIN_MS;
    if (begin < from || end > to || inner.doubtful[i] === MAYBE_LOST) continue;
    const kept = inner.doubtful[i] === MAYBE_UNSPLIT ? KEPT_SHORT : KEPT;
    const chance = Math.min(0.99, Math.max(1e-4, roomFor(outer, end - begin, from, to) / window));
    const k = lowerBound(outer.time.S, end);
    const inside = k < outer.count && (outer.time.E[k] ?? 0) <= begin;
    nats += inside ? Math.log(kept / chance) : Math.log((1 - kept) / (1 - chance));
    if (inside) contained++;
    tested++;
  }
  return { nats, contained, tested };
}

/** In how much of the window a silence of this length may begin and lie within one of `outer`'s. */
function roomFor(outer: Boundaries, length: number, from: number, to: number): number {
  let room = 0;
  for (let i = 0; i < outer.count; i++) {
    const span = Math.min(outer.time.S[i] ?? 0, to) - Math.max(outer.time.E[i] ?? 0, from);
    if (span > length) room += span - length;
  }
  return room;
}
