/** Logins in bulk: their fingerprints in one table, the hosts they entered and left from, and their lives. */
import { viewsOf } from './logins.ts';
import { selectPrints, type PrintTable } from './print-table.ts';
import type { Suspect, Suspects } from './suspects.ts';

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

/** The given logins, in that order. */
export function makeLoginTable(suspects: Suspects, ids: Uint32Array): LoginTable {
  const { logins, prints } = suspects;
  const { connections: c } = logins;
  const hosts = (column: Uint32Array): number[][] =>
    Array.from(ids, (id) => Array.from(viewsOf(logins, id), (view) => column[view] ?? 0));
  return {
    prints: selectPrints(prints, ids),
    entered: hosts(c.serverHost),
    left: hosts(c.clientHost),
    start: Float64Array.from(ids, (id) => suspects.start[id] ?? 0),
    end: Float64Array.from(ids, (id) => suspects.end[id] ?? 0),
    openCensored: Uint8Array.from(ids, (id) => suspects.openCensored[id] ?? 0),
    endCensored: Uint8Array.from(ids, (id) => suspects.endCensored[id] ?? 0),
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
