import { describe, expect, it } from 'vitest';
import { completeFilter } from '../../core/filter/complete.ts';
import { FilterError } from '../../core/filter/filter-error.ts';
import { parseFilter } from '../../core/filter/parse.ts';
import { tokensOf } from '../../core/filter/tokens.ts';
import { loadElements } from '../../core/app/resources.ts';

function refusal(filter: string, elements?: ReadonlySet<string>): FilterError {
  try {
    parseFilter(filter, elements);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`accepted: ${filter}`);
}

describe('a filter that is refused', () => {
  it.each([
    ['src prot 22', 4, 4, /Expected ip, host, net, port.* after "src".*did you mean "port"/],
    ['src', 3, 0, /the filter ends there/],
    ['src or 5', 7, 1, /Expected dst after "src or"/],
    ['byts > 5', 0, 4, /did you mean "bytes"/],
    ['proto tpc', 6, 3, /did you mean "tcp"/],
    ['port ssg', 5, 3, /did you mean "ssh"/],
    ['port 70000', 5, 5, /at most 65535/],
    ['port >', 6, 0, /a port number or service name/],
    ['port in 5', 8, 1, /Expected "\["/],
    ['port in [', 9, 0, /the filter ends there/],
    ['port in [1 2', 12, 0, /Expected "\]"/],
    ['port in [1,]', 11, 1, /"\]" stands at character 12/],
    ['ip in []', 7, 1, /an IPv4 or IPv6 address/],
    ['ip > 10.0.0.1', 3, 1, /">" stands at character 4/],
    ['ip 10.0.0', 3, 6, /four numbers/],
    ['ip 1:2:3', 3, 5, /not a whole IPv6 address/],
    ['ip example.com', 3, 11, /host name is not looked up/],
    ['net 10.0.0.0', 12, 0, /netmask/],
    ['net 10/9', 7, 1, /prefix length up to 8/],
    ['net 10.0.0.0/33', 13, 2, /prefix length up to 32/],
    ['mac 12', 4, 2, /MAC address/],
    ['mac 00:11:22:33:44', 4, 14, /MAC address/],
    ['flags SQ', 6, 2, /each letter once/],
    ['flags SS', 6, 2, /each letter once/],
    ['(port 5', 7, 0, /"\)"/],
    ['port 5)', 6, 1, /Expected and or or after "port 5"/],
    ['port 5 port 6', 7, 4, /Expected and or or/],
    ['port 5 and', 10, 0, /a field such as/],
    ['not', 3, 0, /a field such as/],
    ['or port 5', 0, 2, /a field such as/],
    ['bytes > abc', 8, 3, /10k/],
    ['count > 5', 0, 5, /nfcapd file/],
    ['sysid 5', 0, 5, /exporter ip/],
    ['src geo CH', 0, 3, /country database/],
    ['payload regex x', 0, 7, /payload content/],
    ['applicationName', 15, 0, /a comparison/],
    ['sourceIPv4Address < 10.0.0.1', 0, 17, /only/],
    ['port 5 and "x', 11, 2, /a field such as/],
    ['@include x', 0, 1, /a field such as/],
  ])('%s', (filter, position, length, message) => {
    const error = refusal(filter);
    expect([error.code, error.exitCode, error.position, error.length]).toEqual([
      'bad-filter',
      2,
      position,
      length,
    ]);
    expect(error.message).toMatch(message);
  });

  it('names what was expected, for the interface', () => {
    expect(refusal('src or 5').expected).toEqual(['dst']);
  });

  it('knows a misspelt element where it is told the elements', () => {
    const registry = loadElements();
    expect(registry.byName('tcpWindowSize')).toBeDefined();
    const error = refusal('tcpWindwSize > 5', new Set(['tcpWindowSize', 'applicationName']));
    expect(error.message).toMatch(/did you mean "tcpWindowSize"/);
    expect(refusal('tcpWindwSize 5').message).toMatch(/Expected a comparison/);
  });

  it('refuses nesting without end instead of overflowing', () => {
    expect(refusal(`${'('.repeat(100_000)}any`).message).toMatch(/200/);
    expect(refusal(`${'not '.repeat(100_000)}any`).message).toMatch(/200/);
  });
});

describe('a tree', () => {
  it('knows the place of every node', () => {
    const node = parseFilter('port 5 and not (ip 10.0.0.1 or bytes > 1k)');
    expect(node).toMatchObject({ kind: 'and', position: 0, length: 42 });
    expect(node).toMatchObject({
      nodes: [
        { kind: 'test', field: 'port', position: 0, length: 6 },
        { kind: 'not', position: 11, length: 31, node: { kind: 'or', position: 15, length: 27 } },
      ],
    });
  });

  it('keeps units, hexadecimal and letters without regard to case', () => {
    for (const filter of ['BYTES GT 2K', 'bytes > 2000', 'bytes gt 0x7d0']) {
      expect(parseFilter(filter)).toMatchObject({ comparison: '>', values: [{ value: 2000, exact: 2000n }] });
    }
  });
});

describe('the pieces of a filter', () => {
  const shown = (text: string): string =>
    tokensOf(text)
      .map(({ kind, text: piece }) => `${kind} ${piece}`)
      .join(', ');

  it('are told apart by the parser', () => {
    expect(shown('src port >= ssh and (ip in [::1]) # why')).toBe(
      'field src, field port, operator >=, value ssh, keyword and, bracket (, field ip, keyword in, bracket [, value ::1, bracket ], bracket ), comment # why',
    );
  });

  it('mark the first mistake and go on', () => {
    expect(shown('src prot 22 and port 5')).toBe(
      'field src, error prot, value 22, keyword and, value port, value 5',
    );
    expect(shown('port "x')).toBe('field port, error "x');
    expect(shown('')).toBe('');
  });

  it('cover every character but spaces, whatever is typed', () => {
    for (const text of ['ü § port', '((((', "'", ']]in,,', 'a=b=c', '10.0.0.1/8/9', '#\n#', 'port\u0000']) {
      const covered = tokensOf(text).map((token) =>
        text.slice(token.position, token.position + token.length),
      );
      expect(covered.join('')).toBe(text.replaceAll(/\s/g, ''));
    }
  });
});

describe('completion', () => {
  const texts = (text: string, cursor = text.length): string[] =>
    completeFilter(text, cursor, { elements: ['applicationName'], sites: ['DE', 'New York'] }).map(
      (one) => one.text,
    );

  it('offers what the grammar allows at the cursor', () => {
    expect(texts('')).toEqual(
      expect.arrayContaining(['src', 'port', 'proto', 'not', '(', 'applicationName']),
    );
    expect(texts('src ')).toEqual(expect.arrayContaining(['ip', 'port', 'or']));
    expect(texts('src ')).not.toContain('proto');
    expect(texts('port 5 ')).toEqual(['and', 'or']);
    expect(texts('(port 5 ')).toEqual(['and', 'or', ')']);
    expect(texts('site ')).toEqual(expect.arrayContaining(['DE', '"New York"']));
    expect(texts('proto t')[0]).toMatch(/^t/);
    expect(texts('applicationName ')).toEqual(expect.arrayContaining(['=', '!=', 'in']));
  });

  it('offers nothing behind a mistake, within quotes or a comment, and nothing that is refused', () => {
    expect(texts('src prot 22 and ')).toEqual([]);
    expect(texts('applicationName = "s')).toEqual([]);
    expect(texts('port 5 # an')).toEqual([]);
    expect(texts('')).not.toContain('count');
  });

  it('replaces the word around the cursor', () => {
    expect(completeFilter('src por and', 7)[0]).toMatchObject({ text: 'port', from: 4, to: 7 });
    expect(completeFilter('src pxx', 5)[0]).toMatchObject({ text: 'port', from: 4, to: 7 });
  });
});
