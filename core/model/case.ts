/**
 * Cases: what an investigation has collected, and the log of every step that was taken.
 *
 * The log is a chain. The hash of a step is the SHA-256 of the UTF-8 bytes of the JSON array
 * `[previous, sequence, timeMs, action, parameters]`, where `previous` is the hash of the step before, or 64 zeros. A step
 * that adds an item holds the SHA-256 of the item's content: whoever changes an item has to change every step from there on.
 */
import { z } from 'zod';
import type { RecordKind } from './query.ts';
import type { Party } from './trace-question.ts';

export const caseItemKinds = ['trace', 'flows', 'host', 'note', 'screenshot', 'source'] as const;
export type CaseItemKind = (typeof caseItemKinds)[number];

/** The step before the first. */
export const NO_STEP = '0'.repeat(64);

export interface CaseInfo {
  readonly id: string;
  readonly name: string;
  /** The number under which others know it; empty where there is none. */
  readonly reference: string;
  /** Who works on it, as told when it was made; may be empty. */
  readonly examiner: string;
  /** Epoch ms. */
  readonly openedMs: number;
  /** Epoch ms; null while it is worked on. Nothing is kept in a closed case, or taken out of it. */
  readonly closedMs: number | null;
  /** Those that were not withdrawn. */
  readonly items: number;
  readonly steps: number;
  /** The hash of the last step: the seal of all of them. */
  readonly head: string;
}

export interface CaseItem {
  /** Unique in the whole store. */
  readonly id: number;
  readonly kind: CaseItemKind;
  readonly title: string;
  readonly note: string;
  readonly addedMs: number;
  /** Hexadecimal: of the content's JSON, of a screenshot's PNG file. */
  readonly sha256: string;
  /** Why it was taken out of the case, where it was; its steps remain. */
  readonly withdrawn: string | null;
  /** A trace: `question` and `result`; flows: `KeptFlows`; a host: `KeptHost`; a source: `SourceCustody`; a note: `text`. */
  readonly content: unknown;
}

/** What is told of a kept trace without the whole of its answer. */
export interface TraceBrief {
  readonly question: {
    readonly victim: Party;
    readonly at: number;
    readonly from?: Party;
    readonly site?: string;
    /** ms */
    readonly within: number;
  };
  /** The machines of the best path, attacker's side first; empty where there is none. */
  readonly path: readonly { readonly address: string; readonly site: string | null }[];
  /** Why there is no answer. */
  readonly refusal: string | null;
}

/** What a kept selection of flows is. */
export interface KeptFlows {
  readonly filter: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly kind: RecordKind;
}

export interface KeptHost {
  readonly address: string;
  readonly site: string | null;
}

/** What the custody of a source rests on. */
export interface SourceCustody {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly kind: string | null;
  /** Which decoder read it. */
  readonly decoder: string;
  readonly importedMs: number;
  readonly flows: number;
  readonly complete: boolean;
}

export type FindingKind = 'changed' | 'missing' | 'extra' | 'swapped' | 'log' | 'seal' | 'trace';

/** One thing that is wrong with a bundle. */
export interface Finding {
  readonly kind: FindingKind;
  /** The file within the bundle; empty where it is none. */
  readonly path: string;
  readonly message: string;
}

/** A trace of a bundle that was run again on the bundle's own flows. */
export interface TraceCheck {
  readonly item: number;
  readonly same: boolean;
  /** What was found, in a sentence. */
  readonly message: string;
  /** Flows that it was run on. */
  readonly flows: number;
}

/** What the check of an evidence bundle has found. */
export interface BundleReport {
  readonly case: string;
  readonly exportedMs: number;
  readonly program: string;
  /** Of the whole file: to be compared with what was written down when it was exported. */
  readonly sha256: string;
  readonly files: number;
  readonly steps: number;
  readonly head: string;
  readonly findings: readonly Finding[];
  readonly traces: readonly TraceCheck[];
}

export const caseStep = z.strictObject({
  /** From 1. */
  sequence: z.number().int().min(1),
  timeMs: z.number(),
  action: z.string().min(1).max(100),
  parameters: z.json(),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

export type CaseStep = z.output<typeof caseStep>;
export type StepParameters = CaseStep['parameters'];

/** What the hash of a step is made of. */
export function stepText({ previous, sequence, timeMs, action, parameters }: Omit<CaseStep, 'hash'>): string {
  return JSON.stringify([previous, sequence, timeMs, action, parameters]);
}
