/** `backtrail place`, and countries in `backtrail top`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mmdb } from '../build/mmdb.ts';
import { netflow5 } from '../build/netflow.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { runCli, temporaryFolder } from '../support.ts';

const folder = temporaryFolder();
const store = join(folder, 'store');
const own = join(folder, 'own.mmdb');

beforeAll(async () => {
  const record = (code: string, asn: number): Record<string, { [key: string]: string | number }> => ({
    country: { iso_code: code },
    location: { latitude: 50.5, longitude: 12.25, accuracy_radius: 20 },
    traits: { autonomous_system_number: asn, autonomous_system_organization: 'Example Hosting' },
  });
  const entries = { '46.4.0.0/16': record('DE', 24_940), '73.162.0.0/16': record('US', 7922) };
  writeFileSync(own, mmdb({ type: 'GeoIP2-Enterprise', built: '2026-10-20', entries }));
  const flow = {
    sourcePort: 4000,
    destinationPort: 22,
    protocol: 6,
    packets: 2,
    octets: 100,
    first: 90_000,
    last: 95_000,
  };
  const datagram = netflow5({ sysUpTime: 100_000, seconds: Date.UTC(2026, 10, 20, 12) / 1000, sequence: 0 }, [
    { ...flow, source: '46.4.20.11', destination: '10.0.0.5', sourceAs: 24_940 },
    { ...flow, source: '73.162.44.200', destination: '10.0.0.5', octets: 300 },
  ]);
  const capture = join(folder, 'flows.pcap');
  writeFileSync(capture, pcap({}, ethernet(ipv4(datagram))));
  const imported = await runCli(['import', capture, '--store', store, '--site', 'Berlin']);
  expect(imported).toMatchObject({ code: 0 });
});

describe('backtrail place', () => {
  it('names place, accuracy and AS of each address, and the credit of the database', async () => {
    const { code, stdout, stderr } = await runCli([
      'place',
      '46.4.20.11',
      '10.0.0.5@Berlin',
      '8.8.8.8',
      '--geo-db',
      own,
    ]);
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['Address', 'Place', 'Coordinates', 'Accuracy', 'AS'],
      ['46.4.20.11', 'Germany', '50.500, 12.250', '20 km', 'AS24940 Example Hosting'],
      ['10.0.0.5', 'private use (RFC 1918) at Berlin'],
      ['8.8.8.8', 'anycast, no single place: Google Public DNS'],
    ]);
    expect(stderr).toContain('GeoIP2-Enterprise of 2026-10-20: MaxMind, commercial, https://www.maxmind.com');
  });

  it("shows the AS number that the store's exporters sent beside the database's", async () => {
    const { stdout } = await runCli([
      'place',
      '46.4.20.11',
      '--geo-db',
      own,
      '--store',
      store,
      '--format',
      'json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject([{ asn: 24_940, exportedAs: [{ asn: 24_940, flows: 1 }] }]);
  });

  it('puts a site on the map, where its local addresses are from then on', async () => {
    const put = await runCli(['place', '--store', store, '--put-site', 'Berlin=52.52,13.4,Head office']);
    expect(put).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(readFileSync(join(store, 'places.json'), 'utf8'))).toEqual({
      databases: [],
      sites: { Berlin: { latitude: 52.52, longitude: 13.4, label: 'Head office' } },
    });
    const { stdout } = await runCli([
      'place',
      '10.0.0.5',
      '--site',
      'Berlin',
      '--store',
      store,
      '--format',
      'jsonl',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'site', latitude: 52.52, siteLabel: 'Head office' });
  });

  it('without an address lists the databases with dates, licences and credits', async () => {
    const { code, stdout } = await runCli(['place', '--geo-db', own]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/GeoIP2-Enterprise +city +2026-10-20 +IPv4, IPv6 +commercial +MaxMind/);
  });

  it('says what is wrong with a database and answers from the others, with exit code 1', async () => {
    const broken = join(folder, 'broken.mmdb');
    writeFileSync(broken, 'not a database');
    const { code, stdout, stderr } = await runCli([
      'place',
      '46.4.20.11',
      '--geo-db',
      broken,
      '--geo-db',
      own,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('Germany');
    expect(stderr).toContain(`${broken} is not used: it is no MMDB file, or its end is missing.`);
  });

  it.each([
    [['nonsense'], '"nonsense" is no address'],
    [['--put-site', 'Berlin=52,13'], 'name it with --store'],
    [['--store', store, '--put-site', 'Berlin=91,13'], 'Write a site such as'],
    [['--store', store, '--put-site', 'Berlin'], 'Write a site such as'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stderr } = await runCli(['place', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

describe('backtrail top by countries', () => {
  it("counts by a person's own database, and credits it", async () => {
    writeFileSync(join(store, 'places.json'), JSON.stringify({ databases: [own], sites: {} }));
    const { code, stdout, stderr } = await runCli([
      'top',
      'srccountry',
      '--by',
      'bytes',
      '--store',
      store,
      '--format',
      'csv',
    ]);
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\r\n')
        .map((line) => line.split(',').slice(0, 4)),
    ).toEqual([
      ['srccountry', 'flows', 'packets', 'bytes'],
      ['US', '1', '2', '300'],
      ['DE', '1', '2', '100'],
    ]);
    expect(stderr).toContain(
      'Countries are those of GeoIP2-Enterprise of 2026-10-20 (MaxMind, https://www.maxmind.com)',
    );
  });
});
