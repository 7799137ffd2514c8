/** The making of a report: what is chosen, how far it is, what came of it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { MonthSectionId, PaperSize } from '../../../core/model/report.ts';
import { core } from '../../link/core.ts';
import { isQuiet } from '../../parts/errors.ts';

export interface MonthChoice {
  readonly about: 'month';
  readonly month: string;
  /** Empty: all sites. */
  readonly site: string;
  readonly paper: PaperSize;
  readonly sections: readonly MonthSectionId[];
}

/** A case, or a trace as it was kept in it. */
export interface CaseChoice {
  readonly about: 'case';
  readonly case: string;
  /** Null: the whole case. */
  readonly item: number | null;
  /** Of the case or of the exhibit. */
  readonly title: string;
  readonly paper: PaperSize;
}

export type ReportChoice = MonthChoice | CaseChoice;

export interface MadeReport {
  readonly choice: ReportChoice;
  readonly title: string;
  /** The sentence that heads it, where it is told. */
  readonly answer?: string;
  readonly pages?: number;
  readonly fileName: string;
  /** Addresses of the bytes within this window. */
  readonly pdf: string;
  readonly tables?: string;
}

export interface ReportProgress {
  readonly phase: 'asking' | 'drawing';
  readonly done: number;
  readonly of: number;
}

export interface ReportMaker {
  readonly made: MadeReport | undefined;
  /** Absent while nothing is being made. */
  readonly progress: ReportProgress | undefined;
  readonly error: unknown;
  readonly make: (choice: ReportChoice) => void;
  readonly cancel: () => void;
}

export function useReport(): ReportMaker {
  const [made, setMade] = useState<MadeReport>();
  const [progress, setProgress] = useState<ReportProgress>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  useEffect(
    () => () => {
      for (const url of [made?.pdf, made?.tables]) if (url !== undefined) URL.revokeObjectURL(url);
    },
    [made],
  );
  const make = useCallback((choice: ReportChoice) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setError(undefined);
    setProgress({ phase: choice.about === 'case' ? 'drawing' : 'asking', done: 0, of: 1 });
    void askFor(choice, controller.signal, setProgress)
      .then((report) => {
        if (!controller.signal.aborted) setMade(report);
      })
      .catch((cause: unknown) => {
        if (!controller.signal.aborted && !isQuiet(cause)) setError(cause);
      })
      .finally(() => {
        if (running.current === controller) setProgress(undefined);
      });
  }, []);
  const cancel = useCallback(() => {
    running.current?.abort();
    setProgress(undefined);
  }, []);
  return { made, progress, error, make, cancel };
}

async function askFor(
  choice: ReportChoice,
  signal: AbortSignal,
  onProgress: (progress: ReportProgress) => void,
): Promise<MadeReport> {
  if (choice.about === 'case' && choice.item !== null) return printTrace(choice, choice.item, signal);
  const watching = { signal, onProgress };
  const { pdf, tables, title, answer, pages, fileName } =
    choice.about === 'case'
      ? await core.call('report.case', { case: choice.case, paper: choice.paper }, watching)
      : await core.call('report.month', monthRequest(choice), watching);
  return {
    choice,
    title,
    answer,
    pages,
    fileName,
    pdf: addressOf(pdf, 'application/pdf'),
    tables: addressOf(tables, 'application/zip'),
  };
}

function monthRequest({ month, site, paper, sections }: MonthChoice) {
  return { month, paper, sections: [...sections], ...(site === '' ? {} : { site }) };
}

async function printTrace(choice: CaseChoice, item: number, signal: AbortSignal): Promise<MadeReport> {
  const { paper, title } = choice;
  const { pdf, fileName } = await core.call('case.print', { case: choice.case, item, paper }, { signal });
  return { choice, title, fileName, pdf: addressOf(pdf, 'application/pdf') };
}

const addressOf = (bytes: Uint8Array, type: string): string =>
  URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
