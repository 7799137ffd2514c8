/** Writes the fields of one line into the batch, as a mapping says. */
import { parseAddress } from '../model/address.ts';
import type { ElementRegistry } from '../model/element.ts';
import type { FlowBatchBuilder, RecordLayout } from '../model/flow-batch.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import { isNumberColumn, type NumberColumn } from './neutral-values.ts';
import { addressNames, timeNames, type TableMapping } from './text-mapping.ts';
import {
  parseArgusState,
  parseFlags,
  parseProtocol,
  parseSpan,
  parseWhole,
  parseZeekHistory,
  parseZone,
  TimeReader,
  type TimeUnit,
} from './text-values.ts';

type TimeColumn = 'flowStartMilliseconds' | 'flowEndMilliseconds' | 'collectionTimeMilliseconds';

type Counter = 'packetDeltaCount' | 'octetDeltaCount';

type Target =
  | { readonly kind: 'time'; readonly column: TimeColumn; readonly reader: TimeReader }
  | { readonly kind: 'duration'; readonly unit: Exclude<TimeUnit, 'calendar'> }
  | { readonly kind: 'column'; readonly column: NumberColumn; readonly most: number }
  /** `own`: the table has the source's part too. */
  | { readonly kind: 'total'; readonly column: Counter; readonly reverse: string; readonly own: boolean }
  | {
      readonly kind:
        'source' | 'destination' | 'exporter' | 'protocol' | 'flags' | 'argus' | 'zeek' | 'number' | 'text';
    };

interface Step {
  readonly at: number;
  readonly title: string;
  readonly name: string;
  /** Its bit in the set of what a row has. */
  readonly bit: number;
  readonly target: Target;
}

/** What the bits beyond the columns mean: TCP flags told by a word, an IPv6 source, an IPv6 destination. */
const FLAGS = 2 ** 50;
const SOURCE_6 = 2 ** 51;
const DESTINATION_6 = 2 ** 52;

const TCP = 6;

const most: Readonly<Record<NumberColumn, number>> = {
  packetDeltaCount: Number.MAX_SAFE_INTEGER,
  octetDeltaCount: Number.MAX_SAFE_INTEGER,
  protocolIdentifier: 0xff,
  tcpControlBits: 0xffff,
  sourceTransportPort: 0xffff,
  destinationTransportPort: 0xffff,
  ipClassOfService: 0xff,
  ingressInterface: 0xffff_ffff,
  egressInterface: 0xffff_ffff,
  bgpSourceAsNumber: 0xffff_ffff,
  bgpDestinationAsNumber: 0xffff_ffff,
};

const durations: Readonly<Record<string, Exclude<TimeUnit, 'calendar'>>> = {
  flowDurationMilliseconds: 'milliseconds',
  flowDurationMicroseconds: 'microseconds',
};

const totals: Readonly<Record<string, readonly [column: Counter, reverse: string]>> = {
  _totalPackets: ['packetDeltaCount', 'reversePacketDeltaCount'],
  _totalOctets: ['octetDeltaCount', 'reverseOctetDeltaCount'],
};

const others: Readonly<Record<string, Target>> = {
  _exporter: { kind: 'exporter' },
  _argusState: { kind: 'argus' },
  _zeekHistory: { kind: 'zeek' },
  protocolIdentifier: { kind: 'protocol' },
  tcpControlBits: { kind: 'flags' },
};

/** Why a line gave no row: a fault, or something that is no flow of IP. */
export type RowFailure = { readonly fault: string } | { readonly notIp: true };

/** The layouts of one mapping are few; a hostile table could have any subset of columns. */
const MAX_LAYOUTS = 4_096;

export class TextRow {
  /** How many fields a line must have. */
  readonly width: number;
  readonly #chunk: ChunkBuilder;
  readonly #steps: readonly Step[];
  readonly #absent: ReadonlySet<string>;
  readonly #layouts = new Map<number, RecordLayout>();
  readonly #known = new Map<string, number>();
  #batch: FlowBatchBuilder | undefined;

  /** `titles` are the columns of the table in order; those that the mapping does not name are passed over. */
  constructor(
    chunk: ChunkBuilder,
    titles: readonly string[],
    mapping: TableMapping,
    elements: ElementRegistry,
  ) {
    this.#chunk = chunk;
    this.#absent = new Set(['', ...mapping.absent]);
    const zone = parseZone(mapping.zone) ?? 0;
    const steps: Step[] = [];
    const given = new Set<string>();
    for (const [at, title] of titles.entries()) {
      const rule = Object.hasOwn(mapping.columns, title) ? mapping.columns[title] : undefined;
      if (!rule || given.has(rule.element)) continue;
      given.add(rule.element);
      const target = targetOf(rule.element, rule.unit, zone, titles, mapping, elements);
      steps.push({ at, title, name: rule.element, bit: 2 ** steps.length, target });
    }
    this.#steps = steps;
    this.width = Math.max(0, ...steps.map(({ at }) => at + 1));
  }

  /** Writes a row, or says why there is none. */
  write(fields: readonly (string | undefined)[], offset: number): RowFailure | undefined {
    const { batch } = this.#chunk;
    if (batch !== this.#batch) {
      this.#batch = batch;
      this.#known.clear();
    }
    const row = batch.beginRow();
    const failure = this.#fill(batch, row, fields, offset);
    if (failure) batch.abandonRow();
    return failure;
  }

  #fill(
    batch: FlowBatchBuilder,
    row: number,
    fields: readonly (string | undefined)[],
    offset: number,
  ): RowFailure | undefined {
    const { columns } = batch;
    columns.sourceOffset[row] = offset;
    let present = 0;
    let exporter = '';
    let duration = Number.NaN;
    let flags: readonly [forward: number, reverse: number] | undefined;
    let packets = Number.NaN;
    let octets = Number.NaN;
    for (const { at, title, name, bit, target } of this.#steps) {
      const text = fields[at]?.trim() ?? '';
      if (this.#absent.has(text)) continue;
      let sound = true;
      switch (target.kind) {
        case 'time': {
          const value = target.reader.read(text);
          columns[target.column][row] = value;
          sound = !Number.isNaN(value);
          break;
        }
        case 'duration':
          duration = parseSpan(text, target.unit);
          sound = duration >= 0;
          break;
        case 'source':
        case 'destination': {
          const code = this.#address(batch, text);
          if (code === undefined) {
            if (!this.#hasProtocol(fields)) return { notIp: true };
            sound = false;
            break;
          }
          const source = target.kind === 'source';
          columns[source ? 'sourceAddress' : 'destinationAddress'][row] = code;
          if (text.includes(':')) present += source ? SOURCE_6 : DESTINATION_6;
          break;
        }
        case 'column': {
          const value = parseWhole(text);
          sound = value <= target.most;
          columns[target.column][row] = sound ? value : 0;
          // Counters above 2^53 are kept as they are printed.
          if (!sound && target.most === Number.MAX_SAFE_INTEGER && /^\d{16,20}$/.test(text)) {
            columns[target.column][row] = Number(text);
            batch.setExtra(name, row, text);
            sound = true;
          }
          break;
        }
        case 'protocol': {
          const value = parseProtocol(text);
          sound = !Number.isNaN(value);
          if (!sound && !this.#isIp(fields)) return { notIp: true };
          columns.protocolIdentifier[row] = value;
          break;
        }
        case 'flags': {
          const value = parseFlags(text);
          sound = value <= 0xffff;
          columns.tcpControlBits[row] = value;
          break;
        }
        case 'argus':
        case 'zeek': {
          flags = target.kind === 'argus' ? parseArgusState(text) : parseZeekHistory(text);
          batch.setExtra(name, row, text);
          break;
        }
        case 'exporter':
          exporter = parseAddress(text) ? text : '';
          break;
        case 'number': {
          const value = parseWhole(text);
          sound = !Number.isNaN(value);
          batch.setExtra(name, row, value);
          break;
        }
        case 'text':
          batch.setExtra(name, row, text);
          break;
        case 'total': {
          const value = parseWhole(text);
          sound = !Number.isNaN(value);
          if (target.column === 'packetDeltaCount') packets = value;
          else octets = value;
        }
      }
      if (!sound) return { fault: `has ${JSON.stringify(text.slice(0, 40))} for ${title}` };
      present += bit;
    }
    if (columns.sourceAddress[row] === 0 || columns.destinationAddress[row] === 0) {
      return { fault: 'has no source or no destination address' };
    }
    for (const { target, bit } of this.#steps) {
      if (target.kind !== 'total' || Math.floor(present / bit) % 2 === 0) continue;
      const total = target.column === 'packetDeltaCount' ? packets : octets;
      if (target.own)
        batch.setExtra(target.reverse, row, Math.max(0, total - (columns[target.column][row] ?? 0)));
      else columns[target.column][row] = total;
    }
    // Such words stand for other protocols' states too, and then for no flags.
    if (flags && columns.protocolIdentifier[row] === TCP) {
      columns.tcpControlBits[row] = flags[0];
      batch.setExtra('reverseTcpControlBits', row, flags[1]);
      present += FLAGS;
    }
    if (!Number.isNaN(duration)) setEnd(batch, row, duration);
    columns.exporter[row] = batch.internExporter({
      address: exporter,
      port: null,
      observationDomainId: 0,
    });
    columns.layout[row] = batch.internLayout(this.#layout(present));
    return undefined;
  }

  #address(batch: FlowBatchBuilder, text: string): number | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const bytes = text.includes('%') ? undefined : parseAddress(text);
    if (!bytes) return undefined;
    const code = batch.addresses.intern(bytes);
    this.#known.set(text, code);
    return code;
  }

  /** Whether the addresses of a line are such, though its protocol has no known name. */
  #isIp(fields: readonly (string | undefined)[]): boolean {
    return this.#steps.some(
      ({ at, target }) => target.kind === 'source' && parseAddress(fields[at]?.trim() ?? '') !== undefined,
    );
  }

  /** Whether a line names a protocol of IP, or the table has none to name. */
  #hasProtocol(fields: readonly (string | undefined)[]): boolean {
    return this.#steps.every(
      ({ at, target }) =>
        target.kind !== 'protocol' || !Number.isNaN(parseProtocol(fields[at]?.trim() ?? '')),
    );
  }

  #layout(present: number): RecordLayout {
    let layout = this.#layouts.get(present);
    if (!layout) {
      if (this.#layouts.size >= MAX_LAYOUTS) this.#layouts.clear();
      const has = (bit: number): boolean => Math.floor(present / bit) % 2 === 1;
      const names = this.#steps
        .filter(({ bit }) => has(bit))
        .map(({ name, target }) => {
          if (target.kind === 'source') return has(SOURCE_6) ? 'sourceIPv6Address' : 'sourceIPv4Address';
          if (target.kind === 'destination')
            return has(DESTINATION_6) ? 'destinationIPv6Address' : 'destinationIPv4Address';
          return target.kind === 'total' ? (target.own ? target.reverse : target.column) : name;
        });
      const flags = has(FLAGS) ? ['tcpControlBits', 'reverseTcpControlBits'] : [];
      layout = { templateId: 0, fields: [...names, ...flags] };
      this.#layouts.set(present, layout);
    }
    return layout;
  }
}

function targetOf(
  name: string,
  unit: TimeUnit | undefined,
  zone: number,
  titles: readonly string[],
  mapping: TableMapping,
  elements: ElementRegistry,
): Target {
  if (addressNames.has(name)) return { kind: name.startsWith('source') ? 'source' : 'destination' };
  if (timeNames.has(name)) {
    return { kind: 'time', column: name as TimeColumn, reader: new TimeReader(unit ?? 'calendar', zone) };
  }
  const span = durations[name];
  if (span) return { kind: 'duration', unit: unit && unit !== 'calendar' ? unit : span };
  const total = totals[name];
  if (total) {
    const [column, reverse] = total;
    const own = titles.some((title) => mapping.columns[title]?.element === column);
    return { kind: 'total', column, reverse, own };
  }
  const other = others[name];
  if (other) return other;
  if (isNumberColumn(name)) return { kind: 'column', column: name, most: most[name] };
  const forward = name.replace(/^reverse([A-Z])/, (_, first: string) => first.toLowerCase());
  const type = (elements.byName(name) ?? elements.byName(forward))?.type ?? 'string';
  return { kind: type.startsWith('unsigned') ? 'number' : 'text' };
}

/** The end from the start, or the start from the end. */
function setEnd(batch: FlowBatchBuilder, row: number, duration: number): void {
  const { flowStartMilliseconds: start, flowEndMilliseconds: end } = batch.columns;
  const first = start[row] ?? Number.NaN;
  const last = end[row] ?? Number.NaN;
  if (Number.isNaN(last)) end[row] = round(first + duration);
  else if (Number.isNaN(first)) start[row] = round(last - duration);
}

/** To the microsecond: sums of decimal fractions gather dust beyond. */
const round = (ms: number): number => Math.round(ms * 1e3) / 1e3;
