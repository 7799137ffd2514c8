/** The latest faults with the bytes that had them, for the analyst who asks what an exporter does wrong. */
import type { KeptIssue } from './collect-status.ts';

/** Together at most 4 MiB, whatever is sent. */
const MAX_ISSUES = 256;
const MAX_OCTETS = 16_384;

export class IssueRing {
  readonly #issues: KeptIssue[] = [];
  #next = 0;

  /** `octets` is borrowed. */
  add(issue: KeptIssue): void {
    const kept = { ...issue, octets: issue.octets.slice(0, MAX_OCTETS) };
    if (this.#issues.length < MAX_ISSUES) this.#issues.push(kept);
    else this.#issues[this.#next % MAX_ISSUES] = kept;
    this.#next++;
  }

  /** The oldest first. */
  list(): KeptIssue[] {
    const start = this.#next % MAX_ISSUES;
    return this.#issues.length < MAX_ISSUES
      ? [...this.#issues]
      : [...this.#issues.slice(start), ...this.#issues.slice(0, start)];
  }
}
