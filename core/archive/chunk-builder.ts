import type { DecodeIssue, DecodeIssueCode, FlowChunk, OptionsRecord } from '../model/chunk.ts';
import { FlowBatchBuilder, MAX_BATCH_ROWS } from '../model/flow-batch.ts';

/** Issues and options records are objects: a hostile file must not pile them up in one chunk. */
const MAX_SIDE_RECORDS = 8_192;

/** Gathers what a reader makes of a file and cuts it into chunks: the same bytes give the same chunks. */
export class ChunkBuilder {
  batch = new FlowBatchBuilder();
  options: OptionsRecord[] = [];
  issues: DecodeIssue[] = [];
  readonly #rows: number;

  constructor(rows: number = MAX_BATCH_ROWS) {
    this.#rows = Math.min(Math.max(rows, 1), MAX_BATCH_ROWS);
  }

  /** True when the chunk should be handed on before anything is added. */
  get full(): boolean {
    return (
      this.batch.full ||
      this.batch.count >= this.#rows ||
      this.issues.length + this.options.length >= MAX_SIDE_RECORDS
    );
  }

  get empty(): boolean {
    return (
      this.batch.count === 0 &&
      this.batch.datagramCount === 0 &&
      this.options.length === 0 &&
      this.issues.length === 0
    );
  }

  report(code: DecodeIssueCode, offset: number, message: string): void {
    this.issues.push({ code, offset, message });
  }

  /** Hands the chunk over and begins the next one. */
  cut(bytesRead: number): FlowChunk {
    const chunk = { batch: this.batch.finish(), options: this.options, issues: this.issues, bytesRead };
    this.batch = new FlowBatchBuilder();
    this.options = [];
    this.issues = [];
    return chunk;
  }
}
