/** Who entered the host that a login left from? */
import type { Host } from './records.ts';
import type { Suspect, Suspects } from './suspects.ts';
import { SCORED_ALL, type Comparison } from './witness.ts';

export class Entrances {
  readonly #suspects: Suspects;
  readonly #hosts: readonly Host[];
  readonly #compare: Comparison;
  /** In sentences, what was not looked at because there was too much of it. */
  readonly #cuts: Set<string>;
  readonly #entered = new Map<number, readonly number[]>();

  constructor(suspects: Suspects, hosts: readonly Host[], compare: Comparison, cuts: Set<string>) {
    this.#suspects = suspects;
    this.#hosts = hosts;
    this.#compare = compare;
    this.#cuts = cuts;
  }

  /** Logins that entered a host which this one left from; of a crowd those that the index lists. */
  before(downstream: Suspect): readonly Suspect[] {
    const shared = (one: Suspect): boolean => one !== downstream && this.lead(one, downstream);
    const lists = downstream.login.views.map((view) => this.#entering(view.client.host));
    const total = lists.reduce((sum, list) => sum + list.length, 0);
    if (total <= SCORED_ALL) {
      const ids = new Set(lists.flat());
      return Array.from(ids, (id) => this.#suspects.at(id)).filter(shared);
    }
    const listed = this.#compare.worthScoring(downstream).filter(shared);
    const host = this.#hosts[downstream.login.views[0]?.client.host ?? -1]?.address ?? '?';
    this.#cuts.add(
      `${total.toLocaleString('en')} logins entered ${host}: only the ${listed.length} whose silences agree best with the next hop's were compared.`,
    );
    return listed;
  }

  /**
   * True where `downstream` left from a host that `upstream` entered. Behind one NAT's face live many hosts: where both
   * logins show the host behind the face at one site, it must be the same one.
   */
  lead(upstream: Suspect, downstream: Suspect): boolean {
    const entered = new Set(upstream.login.views.map((view) => view.server.host));
    const left = new Set(downstream.login.views.map((view) => view.client.host));
    if (entered.isDisjointFrom(left)) return false;
    const behind = (set: ReadonlySet<number>): Set<string> =>
      new Set([...set].flatMap((host) => this.#hosts[host]?.site ?? []));
    const sites = behind(entered).intersection(behind(left));
    if (sites.size === 0) return true;
    return [...entered].some((host) => left.has(host) && sites.has(this.#hosts[host]?.site ?? ''));
  }

  /** The logins of which a view entered a host, ascending; found once a host. */
  #entering(host: number): readonly number[] {
    let ids = this.#entered.get(host);
    if (!ids) {
      const { connections, of } = this.#suspects.logins;
      const found = new Set<number>();
      for (let view = 0; view < connections.count; view++)
        if (connections.serverHost[view] === host) found.add(of[view] ?? 0);
      ids = [...found].sort((a, b) => a - b);
      this.#entered.set(host, ids);
    }
    return ids;
  }
}
