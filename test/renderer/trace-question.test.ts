import { describe, expect, it, vi } from 'vitest';

// The view that it changes reads the address of a page when it is loaded.
vi.stubGlobal('location', { search: '', pathname: '/' });
const { checkForm, formOf, readForm, readParty, tidyForm, writeForm, writeParty } =
  await import('../../renderer/state/trace-question.ts');

const whole = { ...readForm({}), victim: '203.0.113.80', at: '2026-11-20 14:21:07' };

describe('the question of a trace as it is typed', () => {
  it('needs a victim and a moment, and reads twelve hours on both sides where nothing else is said', () => {
    expect(checkForm(whole)).toEqual({
      problems: {},
      asked: {
        victim: { address: '203.0.113.80' },
        at: Date.UTC(2026, 10, 20, 14, 21, 7),
        withinMs: 43_200_000,
      },
    });
    expect(Object.keys(checkForm(readForm({})).problems)).toEqual(['victim', 'at']);
  });

  it('takes the port with the address, and a port of its own before that', () => {
    expect(checkForm({ ...whole, victim: '203.0.113.80:22' }).asked?.victim.port).toBe(22);
    expect(checkForm({ ...whole, victim: '203.0.113.80:22', port: '2222' }).asked?.victim.port).toBe(2222);
    expect(checkForm({ ...whole, victim: '[2001:db8::1]:22' }).asked?.victim).toEqual({
      address: '2001:db8::1',
      port: 22,
    });
  });

  it.each([
    ['victim', '203.0.113'],
    ['victim', 'attacker.example'],
    ['port', '65536'],
    ['port', '-1'],
    ['port', 'ssh'],
    ['at', 'yesterday'],
    ['at', '2026-02-31T99:00'],
    ['from', '198.51.100.7:99999'],
    ['within', '0'],
    ['within', '44641'],
    ['within', 'long'],
  ] as const)('says that %s cannot be %s, and asks nothing', (field, text) => {
    const { asked, problems } = checkForm({ ...whole, [field]: text });
    expect(asked).toBeUndefined();
    expect(Object.keys(problems)).toEqual([field]);
  });

  it('is the same after it was written into an address and read again, and leaves out what is empty', () => {
    const form = { ...whole, from: '198.51.100.7:50000', site: 'Seoul', within: '30' };
    const written = Object.entries(writeForm(form)).filter(([, text]) => text !== undefined);
    expect(readForm(Object.fromEntries(written) as Record<string, string>)).toEqual(form);
    expect(Object.keys(writeForm(whole)).filter((name) => writeForm(whole)[name] !== undefined)).toEqual([
      'victim',
      'at',
    ]);
  });

  it('has its moment written in full once it was understood, and as it was typed before', () => {
    expect(tidyForm(whole).at).toBe('2026-11-20T14:21:07.000Z');
    expect(tidyForm({ ...whole, at: 'soon' }).at).toBe('soon');
  });

  it('begins with the fields of a flow that was chosen elsewhere', () => {
    const form = formOf({
      victim: { address: '2001:db8::1', port: 22 },
      from: { address: '2001:db8::7', port: 50_000 },
      atMs: 0,
      site: 'Seoul',
    });
    expect(form).toMatchObject({
      victim: '2001:db8::1',
      port: '22',
      from: '[2001:db8::7]:50000',
      site: 'Seoul',
    });
    expect(form.at).toBe('1970-01-01T00:00:00.000Z');
  });

  it('reads parties as it writes them', () => {
    for (const text of ['192.0.2.1', '192.0.2.1:22', '2001:db8::1', '[2001:db8::1]:22']) {
      const party = readParty(text);
      expect(party && writeParty(party)).toBe(text);
    }
    expect(readParty('192.0.2.1:')).toBeUndefined();
    expect(readParty('[2001:db8::1')).toBeUndefined();
  });
});
