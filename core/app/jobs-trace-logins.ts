/** The connections that an investigator can ask about: those of a machine near a time. */
import type { Party } from '../model/trace-question.ts';
import type { NearbyLogin } from '../model/trace-result.ts';
import { uniteIntervals } from '../math/intervals.ts';
import type { Connection } from '../trace/connections.ts';
import { connectionsFor } from '../trace/question.ts';
import { gatherRecords, type Gathered } from '../trace/records.ts';
import { showConnection } from '../trace/views.ts';
import { readAround, type TraceRequest } from './trace-store.ts';

export interface LoginsRequest extends TraceRequest {
  readonly limit: number;
}

export interface NearbyLogins {
  /** To the victim, open at the time first, then those nearest to it. */
  readonly connections: readonly NearbyLogin[];
  /** How many there are; `connections` holds the first of them. */
  readonly total: number;
}

/** Throws ApiError as reading the flows around a question does. */
export function loginsNear(folder: string, request: LoginsRequest): NearbyLogins {
  const { victim, from, at, site, limit } = request;
  const gathered = gatherRecords(readAround(folder, request).batches);
  const { hosts, observers } = gathered;
  const seenAt = (connection: Connection): boolean =>
    site === undefined ||
    ((hosts[connection.server.host]?.site ?? site) === site &&
      connection.observations.some(({ observer }) => observers[observer]?.site === site));
  const found = connectionsFor(gathered, request)
    .filter(
      (connection) =>
        isParty(gathered, connection.server, victim) &&
        (!from || isParty(gathered, connection.client, from)) &&
        seenAt(connection),
    )
    .toSorted((a, b) => distance(a, at) - distance(b, at) || a.start - b.start);
  return {
    connections: found.slice(0, limit).map((connection) => ({
      ...showConnection(gathered, connection),
      activity: activityOf(gathered, connection),
    })),
    total: found.length,
  };
}

/** Gaps below this are cuts by the active timeout, ms; and a strip has no room for more periods than this. */
const SHORTEST_GAP = 500;
const MOST_PERIODS = 600;

function activityOf({ records }: Gathered, { observations, start, end }: Connection): number[] {
  const pairs: number[] = [];
  for (const observation of observations) {
    for (const i of observation.records) pairs.push(records.start[i] ?? 0, records.end[i] ?? 0);
  }
  return uniteIntervals(pairs, Math.max(SHORTEST_GAP, (end - start) / MOST_PERIODS));
}

function isParty({ hosts }: Gathered, end: Connection['server'], party: Party): boolean {
  return hosts[end.host]?.address === party.address && (party.port === undefined || party.port === end.port);
}

const distance = ({ start, end }: Connection, at: number): number => Math.max(0, start - at, at - end);
