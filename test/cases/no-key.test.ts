/** What of a step goes into no log. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createCase, withCases } from '../../core/app/case/desk.ts';
import { recordSteps } from '../../core/app/case/record.ts';
import { Store } from '../../core/store/store.ts';
import { temporaryFolder } from '../support.ts';

it('records that a collector was started with a certificate, and never its private key', () => {
  const folder = join(temporaryFolder(), 'store');
  Store.open(folder, { create: true }).close();
  const { id } = createCase(folder, { name: 'TLS', reference: '', examiner: '' });
  const taken: unknown[] = [];
  const handlers = recordSteps(
    { 'collect.start': (request: unknown) => void taken.push(request) },
    () => folder,
  ) as unknown as Record<string, (request: unknown, context: unknown) => void>;
  const request = { listen: ['tls://127.0.0.1:4740'], tls: { cert: 'PUBLIC PEM', key: 'PRIVATE PEM' } };
  handlers['collect.start']?.(request, {});
  const log = JSON.stringify(withCases(folder, (book) => book.steps(id)));
  expect(log).toContain('tls://127.0.0.1:4740');
  expect(log).not.toContain('PRIVATE PEM');
  expect(taken).toEqual([request]);
});
