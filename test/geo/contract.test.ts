/** Places through the contract: the real workspace behind the real server, as a browser asks it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { geoHandlers } from '../../core/app/handlers/geo.ts';
import { openQueries } from '../../core/app/query/queries.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { Workspace } from '../../core/app/workspace/workspace.ts';
import type { Client } from '../../core/wire/client-types.ts';
import type { Context } from '../../core/wire/server.ts';
import { MAX_PLACES } from '../../core/wire/contract-geo.ts';
import { mmdb, type MmdbValue } from '../build/mmdb.ts';
import { openClient, startHost, type Host } from '../server/clients.ts';
import { temporaryFolder } from '../support.ts';
import { ripeNetwork } from './registry-answers.ts';
import { json, registryServers } from './registry-servers.ts';
import type { CoreContract } from '../../core/wire/contract.ts';

const sample = temporaryFolder();
for (const { folder, site } of loadSampleCase().sources) await importIntoFolder(sample, [folder], { site });
/** Every public network of the sample case, so that no test depends on what is installed. */
const own = join(temporaryFolder(), 'own.mmdb');
const at = (code: string): MmdbValue => ({
  country: { iso_code: code },
  location: { latitude: 10, longitude: 20, accuracy_radius: 5 },
});
writeFileSync(
  own,
  mmdb({
    type: 'GeoLite2-City',
    entries: {
      '87.138.92.20/32': at('DE'),
      '121.140.17.66/32': at('KR'),
      '177.34.210.9/32': at('BR'),
      '73.162.44.200/32': at('US'),
    },
  }),
);

const contextOf = (signal: AbortSignal): Context<never> => ({
  signal,
  peer: { onGone: () => () => undefined },
  progress: () => undefined,
});

describe('countries in query threads', () => {
  it('are those of the same question in place: the threads share what was read', async () => {
    writeFileSync(join(sample, 'places.json'), JSON.stringify({ databases: [own], sites: {} }));
    const ask = async (inPlaceRows: number): Promise<unknown> => {
      const queries = openQueries(sample, { inPlaceRows, threads: 2 });
      try {
        const question = { fields: ['srccountry', 'dstcountry'], by: 'flows', limit: 100 } as const;
        return [await queries.top(question), await queries.run('countries', { side: 'any' })];
      } finally {
        await queries.close();
      }
    };
    expect(await ask(0)).toEqual(await ask(1_000_000));
  });
});

describe('places through the contract', () => {
  let host: Host;
  let client: Client<CoreContract>;

  beforeEach(async () => {
    host = await startHost({}, sample);
    client = openClient(host);
    await client.call('geo.setDatabases', { paths: [own] });
  });

  afterEach(async () => {
    client.close();
    await host.close();
    expect(host.faults).toEqual([]);
  });

  it('come in the order asked, local ones at the site that they name or at the one that is given', async () => {
    await client.call('geo.setSitePlace', {
      site: 'Korea',
      place: { latitude: 37.5, longitude: 127, label: 'Gateway' },
    });
    const addresses = ['87.138.92.20', '192.168.0.11', '192.168.0.11@Germany', '224.0.0.1'];
    const { places } = await client.call('geo.places', { addresses, site: 'Korea' });
    expect(places).toMatchObject([
      { kind: 'place', country: 'DE', accuracyRadiusKm: 5, sources: [{ name: 'GeoLite2-City' }] },
      { kind: 'site', site: 'Korea', siteLabel: 'Gateway', latitude: 37.5 },
      { kind: 'special', site: 'Germany' },
      { kind: 'special', special: { name: 'multicast' } },
    ]);
    await client.call('geo.setSitePlace', { site: 'Korea', place: null });
    expect((await client.call('geo.info', {})).sites).toEqual({});
  });

  it('name the databases with their dates and credits', async () => {
    const { databases } = await client.call('geo.info', {});
    expect(databases[0]).toMatchObject({
      name: 'GeoLite2-City',
      date: '2026-11-01',
      own: true,
      path: own,
    });
  });

  it('by country count flows, packets, bytes and distinct addresses of the selection', async () => {
    const all = await client.call('geo.countries', { side: 'source' });
    const byTop = await client.call('query.top', { fields: ['srccountry'], by: 'flows', limit: 100 });
    for (const row of all.countries) {
      const { flows, packets, bytes } = byTop.rows.find(({ key }) => key[0] === row.country) ?? {};
      expect({ flows, packets, bytes }).toEqual({ flows: row.flows, packets: row.packets, bytes: row.bytes });
    }
    expect(all.countries.find(({ country }) => country === 'DE')).toMatchObject({
      countryName: 'Germany',
      countryNumber: '276',
    });
    expect(all.sources[0]?.name).toBe('GeoLite2-City');
    const one = await client.call('geo.countries', { side: 'any', filter: 'ip 177.34.210.9' });
    expect(one.countries.find(({ country }) => country === 'BR')?.addresses).toBe(1);
  });

  it('by country are a line each in a series', async () => {
    const { lines } = await client.call('query.series', {
      by: 'flows',
      split: 'dstcountry',
      maxBuckets: 10,
      splitLimit: 10,
    });
    expect(lines.map(({ key }) => key)).toEqual(expect.arrayContaining(['DE', 'US']));
  });

  it('are refused for what is no address, and for too many', async () => {
    await expect(client.call('geo.places', { addresses: ['nonsense'] })).rejects.toMatchObject({
      code: 'usage',
    });
    const many = Array.from({ length: MAX_PLACES + 1 }, () => '1.2.3.4');
    await expect(client.call('geo.places', { addresses: many })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  it('are refused a database that cannot be read, and keep the one they had', async () => {
    const broken = join(temporaryFolder(), 'broken.mmdb');
    writeFileSync(broken, 'nothing of the kind');
    await expect(client.call('geo.setDatabases', { paths: [broken] })).rejects.toMatchObject({
      code: 'unreadable-file',
      message: `${broken} is not used: it is no MMDB file, or its end is missing.`,
    });
    expect((await client.call('geo.info', {})).databases[0]?.path).toBe(own);
  });

  it('tell what exporters said of autonomous systems', async () => {
    const { addresses } = await client.call('geo.exportedAs', { addresses: ['177.34.210.9'] });
    expect(addresses).toEqual([{ address: '177.34.210.9', numbers: [] }]);
  });

  it('are not asked of a registry for a local address', async () => {
    await expect(client.call('geo.lookUp', { address: '10.0.0.5' })).rejects.toMatchObject({ code: 'usage' });
    await expect(client.call('geo.lookUp', { asn: 64_512 })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a host that opens no files for its clients', () => {
  it('takes no database from them and tells no path', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'places.json'), JSON.stringify({ databases: [own, '/nowhere/secret.mmdb'] }));
    const workspace = new Workspace({
      folder,
      can: { importPaths: false, openStore: false },
      onFault: () => undefined,
    });
    const handlers = geoHandlers(workspace);
    const context = contextOf(new AbortController().signal);
    await expect(handlers['geo.setDatabases']({ paths: [] }, context)).rejects.toMatchObject({
      code: 'usage',
    });
    const info = await handlers['geo.info']({}, context);
    expect(info.databases.every(({ path }) => path === null)).toBe(true);
    expect(info.problems[0]).toBe('secret.mmdb is not used: there is no such file.');
    expect(JSON.stringify(info)).not.toContain('/nowhere');
    await workspace.close();
  });
});

describe('a look-up through the handlers', () => {
  it('is kept beside the store, and ends when the client goes', async () => {
    const folder = temporaryFolder();
    const workspace = new Workspace({
      folder,
      can: { importPaths: true, openStore: false },
      onFault: () => undefined,
    });
    await using servers = await registryServers({ rdap: { 'rdap.db.ripe.net': json(ripeNetwork) } });
    const handlers = geoHandlers(workspace, servers.transport);
    const controller = new AbortController();
    const context = contextOf(controller.signal);
    const answer = await handlers['geo.lookUp']({ address: '46.4.20.11' }, context);
    expect(answer).toMatchObject({ owner: 'Example Hosting GmbH', cached: false });
    const [kept = ''] = readdirSync(join(folder, 'lookups'));
    expect(readFileSync(join(folder, 'lookups', kept), 'utf8')).toContain('Example Hosting GmbH');
    controller.abort();
    await expect(handlers['geo.lookUp']({ asn: 24_940 }, context)).rejects.toBe(controller.signal.reason);
    expect(existsSync(join(folder, 'catalog.sqlite'))).toBe(false);
    await workspace.close();
  });

  it('is refused where four are under way', async () => {
    const folder = temporaryFolder();
    const workspace = new Workspace({
      folder,
      can: { importPaths: true, openStore: false },
      onFault: () => undefined,
    });
    await using servers = await registryServers({ rdap: { 'rdap.db.ripe.net': () => undefined } });
    const handlers = geoHandlers(workspace, servers.transport);
    const controller = new AbortController();
    const context = contextOf(controller.signal);
    const ask = async (last: number): Promise<unknown> =>
      handlers['geo.lookUp']({ address: `46.4.20.${last}` }, context);
    const waiting = [1, 2, 3, 4].map((last) => ask(last).catch((error: unknown) => error));
    await expect(ask(5)).rejects.toMatchObject({ code: 'usage' });
    controller.abort();
    expect(await Promise.all(waiting)).toEqual(Array(4).fill(controller.signal.reason));
    await workspace.close();
  });
});
