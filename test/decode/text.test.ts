import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, formatHex } from '../../core/model/text.ts';
import { hex } from '../build/octets.ts';

describe('UTF-8', () => {
  it('reads and writes one to four bytes a character', () => {
    const text = 'a\u00df\u20ac\u{1f600}';
    expect(Buffer.from(encodeUtf8(text)).toString('hex')).toBe('61c39fe282acf09f9880');
    expect(decodeUtf8(hex('61c39fe282acf09f9880'))).toBe(text);
    expect(decodeUtf8(hex('ff61c39fff'), 1, 3)).toBe('a\u00df');
  });

  it.each([
    '80',
    'c0af',
    'e08080',
    'eda080',
    'f0808080',
    'f4908080',
    'f5',
    'ff41',
    'e282',
    'e28241',
    'f09f98',
    'f09f9841',
    'c3c3a9',
    'f1e28041',
    'edbfbf41',
    'e0a041',
    'f48fbfbf',
  ])('replaces what is ill-formed in %s as the platform does', (octets) => {
    expect(decodeUtf8(hex(octets))).toBe(new TextDecoder().decode(hex(octets)));
  });

  it('reads long texts', () => {
    const long = '\u20ac'.repeat(100_000);
    expect(decodeUtf8(encodeUtf8(long))).toBe(long);
  });

  it('writes a lone surrogate as a replacement', () => {
    expect(Buffer.from(encodeUtf8('\ud800a')).toString('hex')).toBe('efbfbd61');
  });
});

describe('hex', () => {
  it('writes two digits a byte, with a separator where asked', () => {
    expect(formatHex(hex('000aff10'), 1, 2)).toBe('0aff');
    expect(formatHex(hex('000aff10'), 0, 3, ':')).toBe('00:0a:ff');
  });
});
