import { describe, expect, it } from 'vitest';
import { readView, writeView } from '../../renderer/state/view-url.ts';

describe('the view as an address', () => {
  it('gives back every part of a view', () => {
    const view = {
      screen: 'explore',
      filter: 'dst port 22 and bytes > 1M',
      range: { from: 1_795_219_200_123, to: 1_795_219_260_000 },
      window: { from: 1_795_200_000_000, to: 1_795_300_000_000 },
      measure: 'bytes',
      split: 'dstport',
      flow: '2026-11-21/3/17',
      extra: { victim: '203.0.113.80:22' },
    } as const;
    expect(readView(writeView(view))).toEqual(view);
  });

  it('opens Sources where the address says nothing', () => {
    expect(readView('')).toMatchObject({ screen: 'sources', filter: '', range: null, flow: null });
  });

  it('writes times that a person can read and change', () => {
    const query = writeView({ ...readView(''), range: { from: 0, to: 60_000 } });
    expect(decodeURIComponent(query)).toContain('range=1970-01-01T00:00:00.000Z..1970-01-01T00:01:00.000Z');
  });

  it.each(['range=now..then', 'range=2026-11-21..2026-11-20', 'by=fish'])(
    'leaves out what it cannot read: %s',
    (query) => {
      expect(readView(query)).toEqual(readView(''));
    },
  );
});
