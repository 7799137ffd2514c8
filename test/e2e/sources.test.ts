import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { binetflowHeader, binetflowLine, nfdumpHeader, nfdumpLine } from '../build/tables.ts';
import { describeWith, repositoryRoot, temporaryFolder } from '../support.ts';
import { freePort } from './free-port.ts';
import {
  builtRenderer,
  expectSoon,
  flowCount,
  graveFindings,
  openPage,
  openSample,
  startServer,
} from './support.ts';

const sample = (path: string): string => join(repositoryRoot, 'resources/sample', path);

/** Drops files on the middle of the window, as a file manager would. */
async function drop(
  page: Page,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<void> {
  const transfer = await page.evaluateHandle(`(() => {
    const all = new DataTransfer();
    for (const { name, text } of ${JSON.stringify(files)}) all.items.add(new File([text], name));
    return all;
  })()`);
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await page.getByText('Drop to import').waitFor();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

describeWith('chromium', 'the Sources screen', () => {
  beforeAll(builtRenderer, 120_000);

  it('opens the sample case in one click and shows its sources and sites', async () => {
    const page = await openPage((await startServer()).url);
    await page.getByText('Nothing is stored yet.').waitFor();
    await openSample(page);
    const sources = page.getByRole('grid', { name: 'Sources' });
    await sources.getByText('korea/nfcapd.202611210037').waitFor();
    const exporters = page.getByRole('grid', { name: 'Exporters' });
    for (const site of ['Korea', 'Germany', 'United States', 'South Africa']) {
      await expectSoon(() => exporters.innerText()).toContain(site);
    }
    expect(await page.getByTestId('stored-flows').innerText()).toBe('4.4 k');
  });

  it('takes a drop of mixed files and says of each what it is, or why it was not read', async () => {
    const page = await openPage((await startServer()).url);
    await drop(page, [
      { name: 'flows.csv', text: `${nfdumpHeader}\n${nfdumpLine}\n` },
      { name: 'capture.binetflow', text: `${binetflowHeader}\n${binetflowLine}\n` },
      { name: 'holiday.jpg', text: 'no flows at all' },
    ]);
    await page.locator('[data-testid="import-job"]:not([data-state="running"])').waitFor();
    const row = (name: string) =>
      page.getByRole('grid', { name: 'Files of this import' }).getByRole('row').filter({ hasText: name });
    expect(await row('flows.csv').innerText()).toContain('added');
    expect(await row('capture.binetflow').innerText()).toContain('added');
    const refused = await row('holiday.jpg').innerText();
    expect(refused).toMatch(/not read|left out/);
    expect(Math.max(...refused.split('\n').map((cell) => cell.length))).toBeGreaterThan(30);
  });

  it('shows how far an import is, ends it when it is cancelled, and takes it up again', async () => {
    const page = await openPage((await startServer()).url);
    const file = join(temporaryFolder(), 'long.csv');
    writeFileSync(file, `${nfdumpHeader}\n${`${nfdumpLine}\n`.repeat(150_000)}`);
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chosen).setFiles(file);
    const job = page.locator('[data-testid="import-job"]').first();
    await job.getByRole('progressbar').first().waitFor();
    await job.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('[data-testid="import-job"][data-state="cancelled"]').waitFor();
    expect(await job.innerText()).toContain('stopped');
    await job.getByRole('button', { name: 'Resume' }).click();
    await page.locator('[data-testid="import-job"][data-state="done"]').waitFor();
    const source = page
      .getByRole('grid', { name: 'Sources' })
      .getByRole('row')
      .filter({ hasText: 'long.csv' });
    await expectSoon(() => source.innerText()).toContain('150,000');
  });

  it('imports the same file a second time without adding a flow', async () => {
    const page = await openPage((await startServer()).url);
    for (const outcome of ['added', 'already stored']) {
      const chosen = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose files' }).click();
      await (await chosen).setFiles(sample('korea/nfcapd.202611210040'));
      const files = page.getByRole('grid', { name: 'Files of this import' }).first();
      await files.getByText(outcome, { exact: true }).waitFor();
      const sources = page.getByRole('grid', { name: 'Sources' }).getByRole('row');
      await expectSoon(() => sources.count()).toBe(2);
    }
  });

  it('imports a table of unknown columns by what a person says that they mean', async () => {
    const page = await openPage((await startServer()).url);
    const file = join(temporaryFolder(), 'own.csv');
    writeFileSync(
      file,
      'begin,who,whom,sport,dport,proto,volume\n2026-11-20 10:00:00,192.0.2.7,198.51.100.9,50000,22,6,1234\n',
    );
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Map a table' }).click();
    await (await chosen).setFiles(file);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('192.0.2.7').waitFor();
    expect(await dialog.getByLabel('Meaning of dport').inputValue()).toBe('destinationTransportPort');
    await dialog.getByLabel('Meaning of who', { exact: true }).fill('sourceAddress');
    await dialog.getByLabel('Meaning of whom').fill('destinationAddress');
    await dialog.getByLabel('Meaning of volume').fill('octetDeltaCount');
    expect(await graveFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Import' }).click();
    await page.locator('[data-testid="import-job"][data-state="done"]').waitFor();
    await page.getByRole('button', { name: 'Explore them' }).click();
    await page.getByTestId('flow-count').waitFor();
    const row = page.getByRole('grid', { name: 'Flows' }).getByRole('row').nth(1);
    await expectSoon(() => row.innerText()).toContain('198.51.100.9');
    expect(await row.innerText()).toContain('1,234');
  });

  it('gives an exporter another site', async () => {
    const page = await openPage((await startServer()).url);
    await openSample(page);
    await page.getByRole('button', { name: 'Site of 10.255.0.11: Korea' }).click();
    await page.getByLabel('Site of 10.255.0.11', { exact: true }).fill('Seoul');
    await page.getByRole('button', { name: 'Assign' }).click();
    await page.getByRole('button', { name: 'Site of 10.255.0.11: Seoul' }).waitFor();
    expect(await page.getByRole('grid', { name: 'Exporters' }).innerText()).not.toContain('Korea');
  });

  it('starts a collector, gives the lines for a device, and stops it', async () => {
    const page = await openPage((await startServer()).url);
    const port = await freePort();
    await page.getByLabel('UDP port').fill(String(port));
    await page.getByRole('combobox', { name: 'Lines for the device that exports' }).click();
    await page.getByRole('option', { name: 'softflowd' }).click();
    await page.getByText(`-n 127.0.0.1:${port}`).waitFor();
    await page.getByRole('button', { name: 'Copy the lines' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain(
      `softflowd -i eth0 -n 127.0.0.1:${port}`,
    );
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText(`Listening on udp://127.0.0.1:${port}`).waitFor();
    await page.getByRole('contentinfo').getByText('flows/s').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Start' }).waitFor();
    expect(await page.getByRole('contentinfo').innerText()).toContain('no live collection');
  });

  it('shows the flows of a chosen folder on Explore', async () => {
    const page = await openPage((await startServer()).url);
    await page
      .getByTestId('folder-input')
      .setInputFiles(fileURLToPath(new URL('../../resources/sample/korea', import.meta.url)));
    await page.locator('[data-testid="import-job"][data-state="done"]').waitFor();
    await page.getByRole('button', { name: 'Explore them' }).click();
    await page.getByTestId('flow-count').waitFor();
    expect(await flowCount(page)).toBe(512);
  });

  describeWith('openssl', 'with a certificate', () => {
    it('starts a collector over TLS with the certificate and the key of two files', async () => {
      const page = await openPage((await startServer()).url);
      const folder = temporaryFolder();
      const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
      const request =
        'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1';
      spawnSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
      const port = await freePort();
      await page.getByRole('combobox', { name: 'Over' }).click();
      await page.getByRole('option', { name: 'TLS' }).click();
      await page.getByLabel('TCP port').fill(String(port));
      expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
      for (const [name, file] of [
        ['Certificate', cert],
        ['Its key', key],
      ] as const) {
        const chosen = page.waitForEvent('filechooser');
        await page.getByLabel(name).click();
        await (await chosen).setFiles(file);
      }
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByText(`Listening on tls://127.0.0.1:${port}`).waitFor();
      const socket = connect({ port, host: '127.0.0.1', ca: readFileSync(cert) });
      await once(socket, 'secureConnect');
      socket.destroy();
      await page.getByRole('button', { name: 'Stop' }).click();
    });
  });
});
