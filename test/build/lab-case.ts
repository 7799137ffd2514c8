/** A recorded attack with known truth, in the terms of a trace's answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSiteLocal } from '../../core/model/address.ts';
import { epochMs } from '../../core/model/time.ts';
import type { Question } from '../../core/model/trace-question.ts';
import type { ConnectionView } from '../../core/model/trace-result.ts';

/** The recordings whose whole chain the exporters saw well enough to be named. */
export const exactCases = [
  'a_paper_v5',
  'a2_long_realistic_v5',
  'b_3ss_v9_40bg',
  'c_mixed_skew',
  'd_lossy',
  'e_control_direct',
  'f1_telnet',
  'f2_chaff',
  'g_attacks',
];
/** Recorded through a stock softflowd, which exports late and in part. */
export const stockCase = 'h_stock_softflowd';

interface TruthView {
  readonly site: string;
  readonly tuple: {
    readonly src: string;
    readonly sport: number;
    readonly dst: string;
    readonly dport: number;
  };
  readonly exporters: readonly string[];
}

interface TruthLogin {
  readonly views: readonly TruthView[];
}

interface Truth {
  readonly exporters: readonly { site: string; addr: string; nfcapd_dir: string }[];
  readonly investigator_query: {
    readonly victim_ip: string;
    readonly victim_port: number;
    readonly victim_site: string;
    readonly time: number;
    readonly seen_from: { readonly ip: string; readonly port: number };
  };
  readonly chain: readonly TruthLogin[];
}

/** One login of the true chain. Its views are written `source > destination`, a private address with its country. */
export interface TrueLogin {
  /** How it was seen anywhere, by an exporter or not. */
  readonly views: ReadonlySet<string>;
  /** How some exporter saw it. */
  readonly seen: readonly string[];
  /** Where it came from, as the attacker's side knows it: the machine on its LAN. */
  readonly origin: string;
}

export interface LabCase {
  readonly capture: string;
  readonly nfcapd: string;
  readonly question: Required<Pick<Question, 'victim' | 'at' | 'from'>>;
  /** Attacker first. */
  readonly chain: readonly TrueLogin[];
  /** Names that the victim's site may have in a store: an exporter's address each. */
  readonly victimSites: readonly string[];
  /** A view of an answer, written like those of the truth. */
  readonly describe: (view: ConnectionView) => string;
  readonly describeHost: (address: string, site: string | undefined) => string;
}

export function loadLabCase(folder: string): LabCase {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
  const countries = new Map(truth.exporters.map(({ addr, site }) => [addr, site]));
  const { victim_ip, victim_port, victim_site, time, seen_from } = truth.investigator_query;
  const victimCountry = victim_site.replace(/\/.*/, '');
  const host = (address: string, country: string): string =>
    isSiteLocal(address) ? `${address}@${country}` : address;
  const describeTruth = ({ site, tuple }: TruthView): string =>
    `${host(tuple.src, site)}:${tuple.sport} > ${host(tuple.dst, site)}:${tuple.dport}`;
  const describeHost = (address: string, site: string | undefined): string =>
    host(address, countries.get(site ?? '') ?? `site ${site}`);
  return {
    capture: join(folder, 'export.pcap'),
    nfcapd: join(folder, 'nfcapd'),
    question: {
      victim: { address: victim_ip, port: victim_port },
      from: { address: seen_from.ip, port: seen_from.port },
      at: epochMs(time * 1000),
    },
    chain: truth.chain.map(({ views }) => {
      const first = views[0];
      if (!first) throw new Error(`${folder}: a login without views`);
      return {
        views: new Set(views.map(describeTruth)),
        seen: [...new Set(views.filter((view) => view.exporters.length > 0).map(describeTruth))],
        origin: host(first.tuple.src, first.site),
      };
    }),
    victimSites: [
      ...new Set(truth.exporters.filter(({ site }) => site === victimCountry).map(({ addr }) => addr)),
    ],
    describe: (view) =>
      `${describeHost(view.source, view.sourceSite)}:${view.sourcePort} > ${describeHost(view.destination, view.destinationSite)}:${view.destinationPort}`,
    describeHost,
  };
}
