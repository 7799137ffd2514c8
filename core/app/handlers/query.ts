/** Questions to the stored flows. */
import { ApiError } from '../../model/api-error.ts';
import type { QueryProgress } from '../../model/query.ts';
import type { queryMethods } from '../../wire/contract-query.ts';
import type { Context, Handlers, Peer } from '../../wire/server.ts';
import { nodeSignal } from './signal.ts';
import type { Queries, Running } from '../query/queries.ts';
import { summarizeHost } from '../query/host.ts';
import { queriesOf } from '../workspace/queries.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Sorted results that one client may hold open. */
const MAX_LISTS = 16;

/** Each client's open lists, with the queries that hold them: another store may have been opened since. */
type OpenLists = Map<string, Queries>;

export function queryHandlers(workspace: Workspace): Handlers<typeof queryMethods> {
  const queries = (): Queries => queriesOf(workspace);
  const lists = new WeakMap<Peer, OpenLists>();
  const listsOf = (peer: Peer): OpenLists => {
    const known = lists.get(peer);
    if (known) return known;
    const open: OpenLists = new Map();
    lists.set(peer, open);
    peer.onGone(() => {
      for (const [list, holder] of open) holder.closeList(list);
      open.clear();
    });
    return open;
  };
  return {
    'flows.open': async (question, context) => {
      const open = listsOf(context.peer);
      if (open.size >= MAX_LISTS) {
        throw new ApiError('usage', `${MAX_LISTS} lists of flows are open: close one of them first.`);
      }
      const holder = queries();
      const { signal, onProgress } = running<never>(context);
      const answer = await holder.openList(question, { signal, onProgress });
      if (signal.aborted) holder.closeList(answer.list);
      else open.set(answer.list, holder);
      return answer;
    },
    'flows.page': async ({ list, offset, limit }, { peer }) => {
      const holder = listsOf(peer).get(list);
      if (!holder) throw new ApiError('no-such-flow', 'This list is closed: open it again.');
      return { rows: await holder.page(list, offset, limit) };
    },
    'flows.close': ({ list }, { peer }) => {
      const open = listsOf(peer);
      open.get(list)?.closeList(list);
      open.delete(list);
      return {};
    },
    'flows.detail': async ({ flow }) => queries().detail(flow),
    'query.top': async (question, context) => queries().top(question, running(context)),
    'query.series': async (question, context) => queries().series(question, running(context)),
    'query.conversations': async (question, context) =>
      queries().run('conversations', question, running(context)),
    'query.distribution': async (question, context) =>
      queries().run('distribution', question, running(context)),
    'query.host': async (question, context) => summarizeHost(queries(), question, running(context)),
  };
}

/** How a question is watched on behalf of a client: partial answers go with the progress. */
function running<A>(
  context: Context<QueryProgress & { readonly partial?: A }>,
): Running<A> & { signal: AbortSignal } {
  let latest: QueryProgress = { segmentsDone: 0, segments: 0, rowsScanned: 0 };
  return {
    signal: nodeSignal(context),
    onProgress(progress) {
      latest = progress;
      context.progress(progress);
    },
    onPartial: (partial) => context.progress({ ...latest, partial }),
  };
}
