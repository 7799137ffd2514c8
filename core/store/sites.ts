/**
 * Exporters and the sites they stand at.
 *
 * A site is an address space: 10.0.0.5 is one host within it and perhaps another elsewhere. Unless a person says
 * otherwise every exporter address is a site of its own, named by the address. Where the archive has lost the address,
 * exporters are told apart by the site they were imported into (`scope`).
 */
import type { Exporter } from '../model/flow-batch.ts';
import type { Database } from './database.ts';

export interface Site {
  readonly id: number;
  readonly name: string;
  /** False for the default site of an exporter's address. */
  readonly named: boolean;
}

export interface StoredExporter extends Exporter {
  readonly id: number;
  /** Name of its site. */
  readonly site: string;
}

/** Where the exporters of an import belong. */
export interface Placement {
  /** The site a person named, if any. */
  readonly site: string | undefined;
  /** The site of exporters without an address where no site was named. */
  readonly fallbackSite: string;
}

/** An exporter address that was asked into one site while it already stands at another one that a person named. */
export interface SiteConflict {
  readonly address: string;
  readonly site: string;
  readonly asked: string;
}

export function listSites(catalog: Database): Site[] {
  return catalog
    .all('SELECT * FROM sites WHERE id IN (SELECT site FROM exporters) ORDER BY name')
    .map((row) => ({ id: Number(row['id']), name: String(row['name']), named: row['named'] === 1 }));
}

export function listExporters(catalog: Database): StoredExporter[] {
  return catalog
    .all(
      `SELECT e.id, address, port, observationDomainId, s.name AS site
       FROM exporters e JOIN sites s ON s.id = e.site ORDER BY e.id`,
    )
    .map((row) => ({
      id: Number(row['id']),
      address: String(row['address']),
      port: row['port'] as number | null,
      observationDomainId: Number(row['observationDomainId']),
      site: String(row['site']),
    }));
}

/** The catalogue's number of an exporter; makes the exporter and its site where they are new. */
export function internExporter(catalog: Database, exporter: Exporter, placement: Placement): number {
  const { address, port, observationDomainId } = exporter;
  const named = address === '' ? (placement.site ?? placement.fallbackSite) : undefined;
  const scope = named ?? '';
  const known = catalog.get(
    `SELECT id FROM exporters
     WHERE address = ? AND ifnull(port, -1) = ? AND observationDomainId = ? AND scope = ?`,
    address,
    port ?? -1,
    observationDomainId,
    scope,
  );
  if (known) return Number(known['id']);
  const neighbour =
    address === '' ? undefined : catalog.get('SELECT site FROM exporters WHERE address = ?', address);
  const site =
    neighbour?.['site'] ??
    internSite(catalog, named ?? placement.site ?? address, (named ?? placement.site) !== undefined);
  return catalog.run(
    'INSERT INTO exporters (address, port, observationDomainId, scope, site) VALUES (?, ?, ?, ?, ?)',
    address,
    port,
    observationDomainId,
    scope,
    site,
  ).id;
}

/**
 * Puts every exporter of an address into the named site. Where a person has put the address into another site before,
 * nothing changes and the conflict is returned; `force` moves it all the same.
 */
export function assignAddress(
  catalog: Database,
  address: string,
  site: string,
  options: { readonly force: boolean },
): SiteConflict | undefined {
  const present = catalog.get(
    'SELECT s.name, s.named FROM exporters e JOIN sites s ON s.id = e.site WHERE address = ?',
    address,
  );
  if (!present || (present['name'] === site && present['named'] === 1)) return undefined;
  if (present['named'] === 1 && !options.force)
    return { address, site: String(present['name']), asked: site };
  catalog.run('UPDATE exporters SET site = ? WHERE address = ?', internSite(catalog, site, true), address);
  return undefined;
}

function internSite(catalog: Database, name: string, named: boolean): number {
  const known = catalog.get('SELECT id FROM sites WHERE name = ?', name);
  if (!known) return catalog.run('INSERT INTO sites (name, named) VALUES (?, ?)', name, named ? 1 : 0).id;
  if (named) catalog.run('UPDATE sites SET named = 1 WHERE name = ?', name);
  return Number(known['id']);
}
