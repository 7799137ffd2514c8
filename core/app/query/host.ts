/** What is known of one host: the question is narrowed to its flows, so that segments without it are passed over. */
import { parseAddress } from '../../model/address.ts';
import type { HostSummary } from '../../model/query.ts';
import type { HostQuestion } from '../../query/host-summary.ts';
import type { Queries, Running } from './queries.ts';
import { compileFilter } from './filter.ts';

/** Rejects with ApiError `usage` where the address is none, and as every question does. */
export async function summarizeHost(
  queries: Queries,
  question: HostQuestion,
  running?: Running<HostSummary>,
): Promise<HostSummary> {
  // A fault of the person's filter is told in their own words, not in ours.
  const own = compileFilter(question.filter);
  const address = parseAddress(question.address) ? `ip ${question.address}` : '';
  const filter = own && address !== '' ? `${address} and (${question.filter ?? ''})` : address;
  return queries.run('host', { ...question, filter }, running);
}
