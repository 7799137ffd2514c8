/** Every computation over flows that a query thread knows, by name. */
import type { AnswerNotes } from '../model/query.ts';
import { conversationKernel } from './conversations.ts';
import { countriesKernel } from './countries.ts';
import { distributionKernel } from './distribution.ts';
import { hostKernel } from './host-summary.ts';
import type { Kernel } from './kernel.ts';
import { listKernel } from './list.ts';
import { monthKernel } from './report-kernel.ts';
import { seriesKernel } from './series.ts';
import { topKernel } from './top.ts';

export const kernels = {
  top: topKernel,
  series: seriesKernel,
  list: listKernel,
  conversations: conversationKernel,
  distribution: distributionKernel,
  host: hostKernel,
  countries: countriesKernel,
  month: monthKernel,
} as const;

export type KernelName = keyof typeof kernels;

export type QuestionOf<K extends KernelName> =
  (typeof kernels)[K] extends Kernel<infer Q, infer _P, infer _A, infer _C> ? Q : never;

/** The whole answer: what the kernel computes and what the engine notes. */
export type AnswerOf<K extends KernelName> =
  (typeof kernels)[K] extends Kernel<infer _Q, infer _P, infer A, infer _C> ? A & AnswerNotes : never;

export function kernelNamed(name: KernelName): Kernel<object, unknown, unknown, unknown> {
  return kernels[name];
}
