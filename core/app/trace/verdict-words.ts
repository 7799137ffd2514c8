/** Verdicts of the engine as a reader wants them. */
import type { Verdict } from '../../model/trace-result.ts';

/** What became of a candidate, on paper and on the command line. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  path: 'on the path',
  twin: 'same login, other side of a NAT',
  related: 'agrees, on another path',
  indistinguishable: 'a rhythm: cannot be told',
  unrelated: 'unrelated',
  insufficient: 'too few silences to tell',
};
