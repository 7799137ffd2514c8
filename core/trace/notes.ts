/** What bounds an answer, in sentences for the person who has to defend it: never a guess presented as a fact. */
import type { Connection } from './connection-table.ts';
import { viewsOf } from './logins.ts';
import type { Observer } from './observers.ts';
import type { Path } from './path.ts';
import { partyText } from './question.ts';
import type { Gathered, Host } from './records.ts';
import type { Suspect, Suspects } from './suspects.ts';
import { SCORED_ALL } from './witness.ts';

export interface Findings {
  readonly gathered: Gathered;
  readonly target: Suspect;
  /** Numbers of other connections that the question could have meant. */
  readonly others: readonly number[];
  readonly suspects: Suspects;
  readonly paths: readonly Path[];
  /** Why even a perfect copy of the target could not have convinced. */
  readonly refusal: string | null;
  /** In sentences, what was not looked at because there was too much of it. */
  readonly cuts: readonly string[];
}

/** Paths this close behind the best one are named. */
const CLOSE_NATS = 10;

/** All sentences that apply, the most important first. */
export function describeLimits(findings: Findings): string[] {
  const { paths, target } = findings;
  const best = paths[0];
  return [
    ...describeSilence(findings),
    ...describeEnd(findings.gathered, best?.edges[0]?.upstream ?? target),
    ...describeUnseenHosts(findings.gathered, target, best),
    ...describeCoarseHops(best),
    ...describeRivals(findings.gathered, paths),
    ...describeOthers(findings),
    ...describeIndex(findings),
    ...findings.cuts,
    ...describeSharedSites(findings),
    ...describeExporters(findings.gathered),
  ];
}

function describeSilence({ target, refusal }: Findings): string[] {
  if (refusal === null) return [];
  const count = target.fingerprint.from.length;
  const timeout = (target.fingerprint.timeoutMs / 1000).toFixed(0);
  return [
    `Insufficient evidence: the victim's connection shows ${count} silence${count === 1 ? '' : 's'} longer than its exporter's idle timeout (about ${timeout} s), too few to tell one login from another (${refusal.replace(/^insufficient: |\.$/g, '')}).`,
  ];
}

function describeEnd({ hosts, observers }: Gathered, first: Suspect): string[] {
  const view = first.login.views[0];
  const host = view && hosts[view.client.host];
  if (!host) return [];
  const name = hostText(host);
  const exporters = new Set(
    view.observations
      .map(({ observer }) => observers[observer]?.exporter.address)
      .filter((a) => a !== undefined),
  );
  const seenBy = [...exporters].toSorted().join(', ');
  return [
    host.site === undefined
      ? `The evidence ends at ${name}, the earliest observed hop (seen by ${seenBy}). A public address may be a NAT's face or one more machine in between: an exporter at that site would show who is behind it and who logged in there.`
      : `The evidence ends at ${name}, the earliest observed hop (seen by ${seenBy}). No login into it that an exporter saw agrees with what followed: it was used by someone there, or through a path that no exporter saw.`,
  ];
}

/** Hops that ended at a NAT's face and went on from it, with nobody exporting behind it. */
function describeUnseenHosts(
  { hosts, observers }: Gathered,
  target: Suspect,
  path: Path | undefined,
): string[] {
  const faces = new Set<string>();
  for (const { upstream, downstream, kind } of path?.edges ?? []) {
    if (kind === 'inferred') continue;
    const entered = upstream.login.views;
    const left = downstream.login.views;
    const hostsThere = [...entered.map((view) => view.server.host), ...left.map((view) => view.client.host)];
    if (hostsThere.some((host) => hosts[host]?.site !== undefined)) continue;
    const sites = (views: readonly Connection[]): Set<string | undefined> =>
      new Set(views.flatMap((view) => view.observations.map(({ observer }) => observers[observer]?.site)));
    // One exporter that saw the login come and the next one go stands at that machine's own site.
    if (!sites(entered).isDisjointFrom(sites(left))) continue;
    const face = left.find((view) => entered.some((other) => other.server.host === view.client.host));
    faces.add(hosts[face?.client.host ?? -1]?.address ?? '?');
  }
  const sentences = [...faces].map(
    (face) =>
      `No exporter saw behind ${face}: if it is a NAT's face, the machine there that was logged into is not known, and an exporter at that site would name it.`,
  );
  const inferred = (path?.edges ?? []).filter((edge) => edge.kind === 'inferred');
  for (const { upstream, downstream } of inferred) {
    const [from, to] = [upstream.login.views.at(-1), downstream.login.views[0]];
    const names = [from && hosts[from.server.host], to && hosts[to.client.host]].map((h) =>
      h ? hostText(h) : '?',
    );
    sentences.push(
      `Between ${names[0]} and ${names[1]} at least one hop is inferred: the two logins agree, and no exporter saw what links them.`,
    );
  }
  if (target.login.views.length === 1 && target.openCensored) {
    sentences.push(
      "The opening of the victim's connection was not recorded; it may have begun before the data.",
    );
  }
  return sentences;
}

function describeCoarseHops(path: Path | undefined): string[] {
  const coarse = (path?.edges ?? []).filter((edge) => edge.supportNats > 0);
  return coarse.length === 0
    ? []
    : [
        `${coarse.length === 1 ? 'One hop is' : `${coarse.length} hops are`} seen by exporters with long idle timeouts, too coarsely to convince alone; hosts and the hops around ${coarse.length === 1 ? 'it' : 'them'} link ${coarse.length === 1 ? 'it' : 'them'} into the path.`,
      ];
}

function describeRivals({ hosts }: Gathered, paths: readonly Path[]): string[] {
  const [best, second] = paths;
  if (!best || !second) return [];
  const margin = best.scoreNats - second.scoreNats;
  const rival = second.edges[0]?.upstream.login.views[0];
  const name = rival ? hostText(hosts[rival.client.host]) : 'the victim itself';
  const closeness = margin < CLOSE_NATS ? 'close: treat both as possible' : 'clear';
  return [
    `${paths.length - 1} other path${paths.length === 2 ? '' : 's'} could be drawn; the next best starts at ${name} and scores ${margin.toFixed(1)} nats less (${closeness}).`,
  ];
}

function describeOthers({ gathered: { hosts }, suspects, others }: Findings): string[] {
  if (others.length === 0) return [];
  const peers = others
    .slice(0, 5)
    .map((id) => suspects.logins.connections.at(id))
    .map(({ client }) => partyText({ address: hosts[client.host]?.address ?? '?', port: client.port }));
  return [
    `${others.length} other connection${others.length === 1 ? ' was' : 's were'} open to the victim then, from ${peers.join(', ')}${others.length > 5 ? ' and more' : ''}: naming one of those as the peer that the victim saw traces it instead.`,
  ];
}

function describeIndex({ suspects }: Findings): string[] {
  return suspects.count <= SCORED_ALL
    ? []
    : [
        `${suspects.count.toLocaleString('en')} logins were searched by an index of their silences: those that agree best were scored, and whoever entered the host that a hop left from.`,
      ];
}

/** Sites whose exporters saw the very same connections between private addresses. */
function describeSharedSites({ gathered: { hosts }, suspects }: Findings): string[] {
  const pairs = new Set<string>();
  const { logins } = suspects;
  for (let id = 0; id < logins.count; id++) {
    const views = viewsOf(logins, id);
    if (views.length < 2) continue;
    const sites = new Map<string, Set<string>>();
    for (const view of views) {
      const { client, server } = logins.connections.at(view);
      const [from, to] = [hosts[client.host], hosts[server.host]];
      const site = from?.site ?? to?.site;
      if (site === undefined) continue;
      const tuple = `${from?.address}:${client.port} ${to?.address}:${server.port}`;
      sites.set(tuple, (sites.get(tuple) ?? new Set()).add(site));
    }
    for (const set of sites.values()) if (set.size > 1) pairs.add([...set].toSorted().join(' and '));
  }
  return [...pairs]
    .toSorted()
    .map(
      (names) =>
        `The exporters of the sites ${names} report the same connections of private addresses at the same time: they probably stand at one site, and importing them as one site would join them.`,
    );
}

/** Clocks, sampling, loss, and archives that tell nothing of it. */
export function describeExporters({ observers }: Gathered): string[] {
  const sentences: string[] = [];
  const byAddress = Map.groupBy(observers, (observer) => observer.exporter.address);
  for (const [address, list] of [...byAddress].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const name = address === '' ? `An exporter of site ${list[0]?.site}` : `Exporter ${address}`;
    const ahead = list.find(({ clock }) => clock.aheadMs !== 0)?.clock.aheadMs;
    if (ahead !== undefined) {
      const seconds = Math.abs(ahead / 1000).toFixed(1);
      sentences.push(
        `${name}: its clock runs ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the others'; its times were corrected by that.`,
      );
    }
    const drifting = list.find(({ clock }) => clock.drift !== 0);
    if (drifting) sentences.push(`${name}: ${driftText(drifting)}`);
  }
  const sampled = observers.filter(({ samplingInterval }) => samplingInterval > 1);
  if (sampled.length > 0) {
    const list = new Set(
      sampled.map(({ exporter, samplingInterval }) => `${exporter.address} (1 in ${samplingInterval})`),
    );
    sentences.push(
      `Sampled data: ${[...list].toSorted().join(', ')} counted only some packets. What looks like silence there may be packets that were not picked.`,
    );
  }
  const losses = [...byAddress]
    .map(([address, list]) => ({
      address,
      skips: list.reduce((sum, observer) => sum + observer.loss.windows.length / 2, 0),
    }))
    .filter(({ skips }) => skips > 0);
  if (losses.length > 0) {
    const list = losses.map(({ address, skips }) => `${address} (${skips} time${skips === 1 ? '' : 's'})`);
    sentences.push(
      `Export datagrams were lost: the sequence numbers skip at ${list.join(', ')}. Silences that lost datagrams could have made count as doubtful.`,
    );
  }
  const headless = observers.filter((observer) => !observer.hasHeaders).map((observer) => observer.site);
  if (headless.length > 0) {
    sentences.push(
      `The archives of site${headless.length === 1 ? '' : 's'} ${[...new Set(headless)].toSorted().join(', ')} keep no datagram headers: lost datagrams cannot be told from silence, and times may err by up to a second.`,
    );
  }
  return sentences;
}

function driftText({ clock, clockTied }: Observer): string {
  const ppm = Math.abs(clock.drift * 1e6);
  const error = (clock.driftError ?? 0) * 1e6;
  const pace = clock.drift > 0 ? 'fast' : 'slow';
  const by =
    clockTied === 'shared-flows' ? 'flows that another exporter saw too' : 'arrivals of its datagrams';
  return `its clock runs ${ppm.toFixed(0)} ppm ${pace} (give or take ${error.toFixed(ppm < 10 ? 1 : 0)}, by ${clock.observations.toLocaleString('en')} ${by}); its times were corrected by that.`;
}

function hostText(host: Host | undefined): string {
  if (!host) return '?';
  return host.site === undefined || host.site === host.address
    ? host.address
    : `${host.address} at site ${host.site}`;
}
