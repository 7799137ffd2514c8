/** Logins in bulk: which connections are views of one login. A connection without twins is a login of one view. */
import type { Connection, ConnectionTable } from './connection-table.ts';

/** Views of login i are `views[offsets[i]]` to `views[offsets[i + 1]]`, numbers of connections, attacker's side first. */
export interface Logins {
  readonly connections: ConnectionTable;
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly views: Uint32Array;
  /** The login of each connection. */
  readonly of: Uint32Array;
}

/** One login as an object. */
export interface Login {
  readonly id: number;
  readonly views: readonly Connection[];
}

export const viewsOf = ({ views, offsets }: Logins, id: number): Uint32Array =>
  views.subarray(offsets[id], offsets[id + 1]);

export const loginAt = (logins: Logins, id: number): Login => ({
  id,
  views: Array.from(viewsOf(logins, id), (view) => logins.connections.at(view)),
});

/** True where some view of the login has such a number in a column of the connections. */
export function someView(
  logins: Logins,
  id: number,
  column: ArrayLike<number>,
  has: (value: number) => boolean,
): boolean {
  for (let k = logins.offsets[id] ?? 0; k < (logins.offsets[id + 1] ?? 0); k++)
    if (has(column[logins.views[k] ?? 0] ?? 0)) return true;
  return false;
}
