/** The connections that an investigator can ask about: those of a machine near a time. */
import type { NearbyLogin } from '../../model/trace-result.ts';
import { uniteIntervals } from '../../math/intervals.ts';
import type { Connection } from '../../trace/connection-table.ts';
import { connectionsFor, connectionsTo, nearestTo, partyTest } from '../../trace/question.ts';
import { gatherRecords, type Gathered } from '../../trace/records.ts';
import { showConnection } from '../../trace/views.ts';
import { readAround, type TraceRequest } from '../trace/store.ts';

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
  const gathered = gatherRecords(readAround(folder, request).batches);
  const connections = connectionsFor(gathered, request);
  const { start, clientHost, clientPort } = connections;
  const isPeer = partyTest(gathered.hosts, request.from);
  const found = connectionsTo(gathered, connections, request)
    .filter((id) => isPeer(clientHost[id], clientPort[id]))
    .sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0));
  const listed = nearestTo(connections, found, request.at).slice(0, request.limit);
  return {
    connections: listed.map((id) => ({
      ...showConnection(gathered, connections.at(id)),
      activity: activityOf(gathered, connections.at(id)),
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
