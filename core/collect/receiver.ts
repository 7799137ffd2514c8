/**
 * From payloads to chunks: admits, decodes, keeps the accounts. Knows no sockets; the listeners hand it what they read.
 *
 * All UDP exporters share one decoder (templates by exporter address and domain); every TCP or TLS connection has its own,
 * since templates live and end with a transport session there (RFC 7011 8.4). Chunks of all are handed on a few
 * milliseconds after their first datagram while somebody watches, and a tenth of a second after it otherwise.
 */
import { intervalOf } from '../decode/sampling.ts';
import { DatagramDecoder, type DecoderLimits } from '../decode/datagram-decoder.ts';
import type { SavedTemplate } from '../decode/template-cache.ts';
import type { DecodeIssueCode, FlowChunk } from '../model/chunk.ts';
import type { ElementRegistry } from '../model/element.ts';
import { SFLOW_5, type Exporter } from '../model/flow-batch.ts';
import { epochMs, type EpochMs } from '../model/time.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { Allowlist, senderAddress } from './allowlist.ts';
import type { BacklogStatus } from './backlog.ts';
import type { KeptIssue, ListenerStatus, ReceiverStatus } from './collect-status.ts';
import { ExporterAccounts, type ExporterAccount } from './exporter-account.ts';
import { IssueRing } from './issue-ring.ts';

export interface ReceiverLimits extends AdmissionLimits {
  /** Exporters in the account at a time. */
  readonly maxAccounts: number;
  readonly decoder: Partial<DecoderLimits>;
  /** The same for the decoder of one connection. */
  readonly session: Partial<DecoderLimits>;
}

/** A large site has some hundreds of exporters; these numbers bound a collector's tables to some 200 MB under attack. */
const defaultLimits: ReceiverLimits = {
  maxNewExporters: 16_384,
  maxPortsPerAddress: 64,
  maxAccounts: 4096,
  decoder: {},
  session: {
    maxExporters: 64,
    maxTemplatesPerExporter: 1024,
    maxFields: 8192,
    maxWaitingBytesPerTemplate: 1 << 16,
    maxWaitingBytes: 1 << 18,
  },
};

export interface ReceiverOptions {
  readonly elements: ElementRegistry;
  /** Addresses that may export; empty for all. */
  readonly allow: readonly string[];
  /** Exporters that the store knows. */
  readonly known: Iterable<Exporter>;
  /** Templates of an earlier run. */
  readonly templates: Iterable<SavedTemplate>;
  readonly onChunk: (chunk: FlowChunk) => void;
  readonly limits?: Partial<ReceiverLimits>;
}

/** Milliseconds and records from the first datagram of a chunk to the chunk: while somebody watches, and while nobody does. */
const PROMPT = { ms: 4, records: 8192 };
// What is handed on at once must not keep the sockets waiting.
const BULK = { ms: 100, records: 16_384 };
/** Bytes of faulty datagrams that are held until their issues are told. */
const MAX_HELD_OCTETS = 1 << 20;
/** Exporters and refusals that a status names. */
const STATUS_ROWS = 256;

interface Arrival {
  readonly address: string;
  readonly port: number;
  readonly received: EpochMs;
  readonly bytes: number;
  waits: number;
  octets: Uint8Array | undefined;
  account: ExporterAccount | undefined;
}

export class Receiver {
  readonly reloadedTemplates: number;
  readonly #options: ReceiverOptions;
  readonly #limits: ReceiverLimits;
  readonly #allowlist: Allowlist;
  readonly #admission: Admission;
  readonly #accounts: ExporterAccounts;
  readonly #ring = new IssueRing();
  readonly #shared: DatagramDecoder;
  readonly #decoders = new Set<DatagramDecoder>();
  /** The datagrams since the last chunk; the first has the number `#base`. */
  #arrivals: Arrival[] = [];
  #base = 0;
  #heldOctets = 0;
  #timer: NodeJS.Timeout | undefined;
  #datagrams = 0;
  #bytes = 0;
  #flows = 0;
  #optionsRecords = 0;
  #overrun = 0;
  readonly #issues: Partial<Record<DecodeIssueCode, number>> = {};
  #blocked = false;
  readonly #whenReady: (() => void)[] = [];
  /** Set while somebody watches the flows come in: small chunks at once, where large ones are cheaper to store. */
  prompt = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#allowlist = new Allowlist(options.allow);
    this.#admission = new Admission(this.#limits, options.known);
    this.#accounts = new ExporterAccounts(this.#limits.maxAccounts);
    this.#shared = new DatagramDecoder({ elements: options.elements, limits: this.#limits.decoder });
    this.#decoders.add(this.#shared);
    this.reloadedTemplates = this.#shared.importTemplates(options.templates);
  }

  /** Set by the owner while the store cannot keep up: whoever hands over datagrams waits. */
  get blocked(): boolean {
    return this.#blocked;
  }

  set blocked(blocked: boolean) {
    this.#blocked = blocked;
    if (!blocked) for (const go of this.#whenReady.splice(0)) go();
  }

  /** Calls `go` once, when the store has caught up. */
  whenReady(go: () => void): void {
    this.#whenReady.push(go);
  }

  /** Changes when a template of a UDP exporter does. */
  get templateRevision(): number {
    return this.#shared.templateRevision;
  }

  /** The templates of the UDP exporters: those of connections end with them. */
  exportTemplates(): SavedTemplate[] {
    return this.#shared.exportTemplates();
  }

  keptIssues(): KeptIssue[] {
    return this.#ring.list();
  }

  /** One UDP payload; `payload` is borrowed. */
  datagram(
    payload: Uint8Array,
    from: { readonly address: string; readonly port: number },
    received: EpochMs = epochMs(Date.now()),
  ): void {
    const address = senderAddress(from.address);
    if (this.#allowlist.admits(address)) this.#take(this.#shared, payload, address, from.port, received);
  }

  /** A UDP payload that there was no room for: it is counted and left. */
  leave(payload: Uint8Array): void {
    this.#datagrams++;
    this.#bytes += payload.length;
    this.#overrun++;
  }

  /** Whether an address may send or open a connection; a refusal is counted. */
  admits(address: string): boolean {
    return this.#allowlist.admits(senderAddress(address));
  }

  /** A connection of an exporter: hand it the messages, and end it when the connection ends. */
  openSession(from: { readonly address: string; readonly port: number }): {
    push(message: Uint8Array): void;
    end(): void;
  } {
    const { elements } = this.#options;
    const decoder = new DatagramDecoder({ elements, limits: this.#limits.session });
    const address = senderAddress(from.address);
    this.#decoders.add(decoder);
    return {
      push: (message) => this.#take(decoder, message, address, from.port, epochMs(Date.now())),
      end: () => {
        decoder.finish();
        this.flush();
        this.#decoders.delete(decoder);
      },
    };
  }

  /** Hands on what has been decoded. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const decoder of this.#decoders) {
      const chunk = decoder.take(0);
      if (isEmpty(chunk)) continue;
      this.#account(chunk);
      this.#options.onChunk(chunk);
    }
    this.#base += this.#arrivals.length;
    this.#arrivals = [];
    this.#heldOctets = 0;
  }

  /** The end of everything: what waits for a template is told as an issue. */
  finish(): void {
    for (const decoder of this.#decoders) decoder.finish();
    this.flush();
  }

  status(listeners: readonly ListenerStatus[], backlog: BacklogStatus): ReceiverStatus {
    return {
      time: epochMs(Date.now()),
      listeners,
      backlog,
      datagrams: this.#datagrams,
      bytes: this.#bytes,
      flows: this.#flows,
      options: this.#optionsRecords,
      issues: { ...this.#issues },
      refused: this.#allowlist.refused,
      refusedBy: this.#allowlist.refusals(STATUS_ROWS),
      refusedExporters: this.#admission.refused,
      overrun: this.#overrun,
      exporterCount: this.#accounts.size,
      exportersEvicted: this.#accounts.evicted,
      exporters: this.#accounts.status(STATUS_ROWS),
    };
  }

  #take(
    decoder: DatagramDecoder,
    payload: Uint8Array,
    address: string,
    port: number,
    received: EpochMs,
  ): void {
    this.#datagrams++;
    this.#bytes += payload.length;
    const told = this.#admission.admit(address, port, payload);
    if (told === undefined) return;
    const arrival: Arrival = {
      address,
      port,
      received,
      bytes: payload.length,
      waits: 0,
      octets: undefined,
      account: undefined,
    };
    const ordinal = this.#base + this.#arrivals.push(arrival) - 1;
    const issues = decoder.pendingIssues;
    const waits = decoder.waits;
    decoder.push(payload, { address, port: told, received, sourceOffset: 0, ordinal });
    arrival.waits = decoder.waits - waits;
    if (decoder.pendingIssues > issues && this.#heldOctets < MAX_HELD_OCTETS) {
      arrival.octets = payload.slice();
      this.#heldOctets += payload.length;
    }
    const pace = this.prompt ? PROMPT : BULK;
    if (decoder.pendingRows >= pace.records) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), pace.ms);
  }

  #account(chunk: FlowChunk): void {
    const { batch, options, issues } = chunk;
    // The archive's offsets mean nothing on the wire.
    batch.columns.sourceOffset.fill(Number.NaN);
    this.#flows += batch.count;
    this.#optionsRecords += options.length;
    const optionsOf = new Uint32Array(batch.datagrams.length);
    for (const { datagram } of options) optionsOf[datagram] = (optionsOf[datagram] ?? 0) + 1;
    const accounts: (ExporterAccount | undefined)[] = [];
    for (const [index, header] of batch.datagrams.entries()) {
      const exporter = batch.exporters[header.exporter];
      if (!exporter) continue;
      const received = header.received ?? epochMs(Date.now());
      const account = this.#accounts.of(exporter, received);
      accounts[header.exporter] = account;
      const optionsHere = optionsOf[index] ?? 0;
      account.flows += header.records - optionsHere;
      account.options += optionsHere;
      // Records that waited come with the header of a datagram that was counted when it arrived.
      const arrival = this.#arrivals[header.ordinal - this.#base];
      if (!arrival || arrival.account) continue;
      arrival.account = account;
      account.version = header.version;
      account.datagrams++;
      account.bytes += arrival.bytes;
      account.templateWaits += arrival.waits;
      account.lastReceived = received;
      // sFlow tells no time of day.
      if (header.version !== SFLOW_5) account.clock.add(header.exportTime, received);
      account.sequence.add({ ...header, options: optionsHere, counted: arrival.waits === 0 });
    }
    for (const record of options) {
      const account = accounts[batch.datagrams[record.datagram]?.exporter ?? -1];
      const sampling = intervalOf(new Map(record.fields));
      if (account && sampling !== undefined) account.sampling = sampling;
    }
    this.#noteFlowSampling(chunk, accounts);
    for (const issue of issues) {
      this.#issues[issue.code] = (this.#issues[issue.code] ?? 0) + 1;
      const arrival = this.#arrivals[(issue.datagram ?? -1) - this.#base];
      if (!arrival) continue;
      if (arrival.account) arrival.account.issues++;
      const { code, message } = issue;
      const { address, port, received } = arrival;
      this.#ring.add({
        code,
        message,
        address,
        port,
        received,
        octets: arrival.octets ?? new Uint8Array(0),
      });
    }
  }

  /** Sampling that comes with the flows themselves, as NetFlow v5 headers tell it. */
  #noteFlowSampling({ batch }: FlowChunk, accounts: readonly (ExporterAccount | undefined)[]): void {
    const extra = batch.extras.get('samplingInterval');
    if (!extra) return;
    for (const [i, row] of extra.rows.entries()) {
      const account = accounts[batch.columns.exporter[row] ?? 0];
      const value = extra.values[i];
      if (account && typeof value === 'number' && value > 0) account.sampling = value;
    }
  }
}

const isEmpty = ({ batch, options, issues }: FlowChunk): boolean =>
  batch.datagrams.length === 0 && batch.count === 0 && options.length === 0 && issues.length === 0;
