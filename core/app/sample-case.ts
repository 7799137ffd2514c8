/** The sample case that ships with the program: recorded flows of four sites and the question to ask of them. */
import { fileURLToPath } from 'node:url';
import { parseTime, type EpochMs } from '../model/time.ts';
import type { Party } from '../model/trace-question.ts';
import { resource, resourceText } from './resources.ts';

export interface SampleSource {
  /** Absolute path of the folder with the archives. */
  readonly folder: string;
  readonly site: string;
  /** The kind of archive, in words. */
  readonly what: string;
}

export interface SampleCase {
  readonly title: string;
  readonly sources: readonly SampleSource[];
  readonly question: {
    readonly victim: Party;
    readonly from: Party;
    readonly at: EpochMs;
    readonly site: string;
  };
}

export function loadSampleCase(): SampleCase {
  const { title, sources, question } = JSON.parse(resourceText('sample/case.json')) as {
    title: string;
    sources: { folder: string; site: string; what: string }[];
    question: { victim: Party; from: Party; at: string; site: string };
  };
  const at = parseTime(question.at);
  if (at === undefined) throw new Error('the sample case has no time');
  return {
    title,
    sources: sources.map((source) => ({
      ...source,
      folder: fileURLToPath(resource(`sample/${source.folder}`)),
    })),
    question: { ...question, at },
  };
}
