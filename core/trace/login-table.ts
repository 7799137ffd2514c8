/** Logins in bulk: their fingerprints in one table, the hosts they entered and left from, and their lives. */
import { makeTable, type PrintTable } from './print-table.ts';
import type { Suspect } from './witness.ts';

export interface LoginTable {
  readonly prints: PrintTable;
  /** Indexes of hosts, by every view of the login. */
  readonly entered: readonly (readonly number[])[];
  readonly left: readonly (readonly number[])[];
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** 1 where the opening, or the closing, was not seen. */
  readonly openCensored: Uint8Array;
  readonly endCensored: Uint8Array;
}

export function makeLoginTable(suspects: readonly Suspect[]): LoginTable {
  return {
    prints: makeTable(suspects.map(({ fingerprint }) => fingerprint)),
    entered: suspects.map(({ login }) => login.views.map(({ server }) => server.host)),
    left: suspects.map(({ login }) => login.views.map(({ client }) => client.host)),
    start: Float64Array.from(suspects, ({ start }) => start),
    end: Float64Array.from(suspects, ({ end }) => end),
    openCensored: Uint8Array.from(suspects, ({ openCensored }) => (openCensored ? 1 : 0)),
    endCensored: Uint8Array.from(suspects, ({ endCensored }) => (endCensored ? 1 : 0)),
  };
}

export function activityOf(
  logins: LoginTable,
  id: number,
): Pick<Suspect, 'start' | 'end' | 'openCensored' | 'endCensored'> {
  return {
    start: logins.start[id] ?? 0,
    end: logins.end[id] ?? 0,
    openCensored: logins.openCensored[id] === 1,
    endCensored: logins.endCensored[id] === 1,
  };
}
