/** The collector's templates, kept so that the first datagram after a restart can be read. */
import type { Database } from './database.ts';

export interface StoredTemplate {
  readonly address: string;
  /** 9 (NetFlow) or 10 (IPFIX). */
  readonly version: number;
  readonly observationDomainId: number;
  readonly options: boolean;
  /** The template record as the exporter sent it; its first two bytes are its number. */
  readonly octets: Uint8Array;
}

/** Replaces what was kept. */
export function saveTemplates(catalog: Database, templates: readonly StoredTemplate[]): void {
  catalog.run('DELETE FROM templates');
  for (const { address, version, observationDomainId, options, octets } of templates) {
    catalog.run(
      'INSERT INTO templates (address, version, observationDomainId, options, octets) VALUES (?, ?, ?, ?, ?)',
      address,
      version,
      observationDomainId,
      options ? 1 : 0,
      octets,
    );
  }
}

export function listTemplates(catalog: Database): StoredTemplate[] {
  return catalog.all('SELECT * FROM templates ORDER BY id').map((row) => ({
    address: String(row['address']),
    version: Number(row['version']),
    observationDomainId: Number(row['observationDomainId']),
    options: row['options'] === 1,
    octets: row['octets'] as Uint8Array,
  }));
}
