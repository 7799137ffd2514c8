import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../core/filter/parse.ts';
import { withTerm } from '../../renderer/state/filter-terms.ts';

describe('a click that goes into the filter', () => {
  it('starts a filter', () => {
    expect(withTerm('', 'src ip 10.0.0.5', false)).toBe('src ip 10.0.0.5');
    expect(withTerm(' ', 'src ip 10.0.0.5', true)).toBe('not src ip 10.0.0.5');
  });

  it('narrows one', () => {
    expect(withTerm('dst port 22', 'src ip 10.0.0.5', false)).toBe('dst port 22 and src ip 10.0.0.5');
  });

  it('keeps alternatives together', () => {
    expect(withTerm('dst port 22 or dst port 23', 'proto tcp', true)).toBe(
      '(dst port 22 or dst port 23) and not proto tcp',
    );
    expect(withTerm('(dst port 22 or dst port 23)', 'proto tcp', false)).toBe(
      '(dst port 22 or dst port 23) and proto tcp',
    );
  });

  it('excludes a term of two parts as a whole', () => {
    expect(withTerm('any', 'src ip 10.0.0.5 and site Korea', true)).toBe(
      'any and not (src ip 10.0.0.5 and site Korea)',
    );
  });

  it('does not repeat what is there', () => {
    expect(withTerm('proto tcp and dst port 22', 'dst port 22', false)).toBe('proto tcp and dst port 22');
  });

  it('makes filters that the language reads', () => {
    let filter = 'dst port 22 || bytes > 1k';
    for (const term of [
      'src ip 2001:db8::1',
      "site 'South Africa'",
      'src as 64500',
      'exporter ip 10.0.0.1',
    ]) {
      filter = withTerm(filter, term, term.startsWith('src'));
      expect(() => parseFilter(filter)).not.toThrow();
    }
  });
});
