/**
 * What is remembered of each exporter between datagrams: its templates, its boot time, and the data sets that wait for a
 * template.
 *
 * Keyed by exporter address, version and observation domain (v9 source id), not by UDP port: exporters change it when they
 * restart, and their templates do not change with it. Every number here is capped, because anybody can send datagrams
 * with forged addresses and domains; whatever a cap pushes out is the oldest and is counted as an `evicted` issue.
 */
import type { ElementRegistry } from '../model/element.ts';
import { RecordPlan } from './record-plan.ts';
import { SamplerTable } from './sampling.ts';
import type { NestedTemplates } from './structured.ts';
import type { FieldSpecifier, TemplateRecord } from './template.ts';
import type { WaitingList } from './waiting-sets.ts';

export interface TemplateLimits {
  /** Exporter and domain pairs. */
  readonly maxExporters: number;
  readonly maxTemplatesPerExporter: number;
  /** Fields of all templates of all exporters together; a field takes about 200 bytes. */
  readonly maxFields: number;
  /**
   * How long a template holds that is not sent again, in ms (RFC 7011 8.4 asks collectors over UDP to let them expire).
   * Infinity keeps them for good.
   */
  readonly templateLifetimeMs: number;
}

interface CachedTemplate {
  readonly plan: RecordPlan;
  /** The template record as it came, to see a repetition at once: v9 exporters repeat templates every few datagrams. */
  readonly octets: Uint8Array;
  /** When it came last, by the clock of `hold`. */
  refreshed: number;
}

/** A template as it outlives the program. */
export interface SavedTemplate {
  readonly address: string;
  /** 9 or 10. */
  readonly version: number;
  readonly observationDomainId: number;
  readonly options: boolean;
  /** The template record as the exporter sent it. */
  readonly octets: Uint8Array;
}

/** One exporter address, version and observation domain. */
export class ExporterState implements NestedTemplates {
  readonly key: string;
  readonly address: string;
  readonly version: number;
  readonly observationDomainId: number;
  readonly elements: ElementRegistry;
  readonly templates = new Map<number, CachedTemplate>();
  /** Data sets without a template, by template number. */
  readonly waiting = new Map<number, WaitingList>();
  /** systemInitTimeMilliseconds of the latest options record (IPFIX); NaN until one came. */
  systemInit = Number.NaN;
  readonly samplers = new SamplerTable();

  constructor(address: string, version: number, observationDomainId: number, elements: ElementRegistry) {
    this.key = stateKey(address, version, observationDomainId);
    this.address = address;
    this.version = version;
    this.observationDomainId = observationDomainId;
    this.elements = elements;
  }

  plan(templateId: number): RecordPlan | undefined {
    return this.templates.get(templateId)?.plan;
  }

  fieldsOf(templateId: number): readonly FieldSpecifier[] | undefined {
    return this.templates.get(templateId)?.plan.fields;
  }

  /** The length of the template record at `at` if it says what is known already, else 0. */
  repeats(bytes: Uint8Array, at: number, end: number, options: boolean, now: number): number {
    const known = this.templates.get(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (!known || known.plan.options !== options || at + known.octets.length > end) return 0;
    const octets = known.octets;
    for (let i = 0; i < octets.length; i++) if (octets[i] !== bytes[at + i]) return 0;
    known.refreshed = now;
    return octets.length;
  }
}

export class TemplateCache {
  readonly #elements: ElementRegistry;
  readonly #limits: TemplateLimits;
  readonly #onEvicted: (state: ExporterState, what: string) => void;
  /** The least recently heard first. */
  readonly #states = new Map<string, ExporterState>();
  #fields = 0;
  /** Changes with every template. */
  revision = 0;

  constructor(
    elements: ElementRegistry,
    limits: TemplateLimits,
    onEvicted: (state: ExporterState, what: string) => void,
  ) {
    this.#elements = elements;
    this.#limits = limits;
    this.#onEvicted = onEvicted;
  }

  /** The state of an exporter, made at need. */
  state(address: string, version: number, observationDomainId: number): ExporterState {
    const key = stateKey(address, version, observationDomainId);
    let state = this.#states.get(key);
    if (state) this.#states.delete(key);
    else state = new ExporterState(address, version, observationDomainId, this.#elements);
    this.#states.set(key, state);
    if (this.#states.size > this.#limits.maxExporters) this.#evictExporter();
    return state;
  }

  /** Every exporter, the least recently heard first. */
  states(): Iterable<ExporterState> {
    return this.#states.values();
  }

  /** Every template of every exporter, the least recently heard first. */
  export(): SavedTemplate[] {
    const saved: SavedTemplate[] = [];
    for (const { address, version, observationDomainId, templates } of this.#states.values()) {
      for (const { plan, octets } of templates.values()) {
        saved.push({ address, version, observationDomainId, options: plan.options, octets });
      }
    }
    return saved;
  }

  /** Adds or replaces a template that came at `now`; `octets` is borrowed. */
  define(state: ExporterState, record: TemplateRecord, octets: Uint8Array, now: number): void {
    this.withdraw(state, record.id);
    state.templates.set(record.id, {
      plan: new RecordPlan(record),
      octets: octets.slice(),
      refreshed: now,
    });
    this.#fields += record.fields.length;
    this.revision++;
    if (state.templates.size > this.#limits.maxTemplatesPerExporter) this.#evictTemplate(state);
    while (this.#fields > this.#limits.maxFields && this.#states.size > 1) this.#evictExporter();
    while (this.#fields > this.#limits.maxFields && state.templates.size > 1) this.#evictTemplate(state);
  }

  /** The plan of a template that still holds at `now`; one that has outlived its life is forgotten. */
  hold(state: ExporterState, templateId: number, now: number): RecordPlan | undefined {
    const known = state.templates.get(templateId);
    if (!known) return undefined;
    if (now - known.refreshed <= this.#limits.templateLifetimeMs) return known.plan;
    this.withdraw(state, templateId);
    return undefined;
  }

  withdraw(state: ExporterState, templateId: number): void {
    const known = state.templates.get(templateId);
    if (!known) return;
    this.#fields -= known.plan.fields.length;
    state.templates.delete(templateId);
    this.revision++;
  }

  /** Withdraws all templates, or all options templates, of an exporter (RFC 7011 8.1). */
  withdrawAll(state: ExporterState, options: boolean): void {
    for (const [id, { plan }] of state.templates) if (plan.options === options) this.withdraw(state, id);
  }

  #evictTemplate(state: ExporterState): void {
    for (const id of state.templates.keys()) {
      this.withdraw(state, id);
      this.#onEvicted(state, `template ${id}`);
      return;
    }
  }

  #evictExporter(): void {
    for (const state of this.#states.values()) {
      const count = state.templates.size;
      for (const id of state.templates.keys()) this.withdraw(state, id);
      this.#states.delete(state.key);
      this.#onEvicted(state, `all ${count} templates`);
      return;
    }
  }
}

function stateKey(address: string, version: number, observationDomainId: number): string {
  return `${address} v${version} domain ${observationDomainId}`.trimStart();
}
